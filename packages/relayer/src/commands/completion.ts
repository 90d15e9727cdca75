import { Argument } from "commander";
import { completionScript, type Shell, shells } from "../completion/completion.ts";
import type { AddCommand } from "./command.ts";
import { examples, exitCodesHelp } from "./help.ts";

/** `plimsoll completion`: a script for the shell. */
export const addCompletion: AddCommand = (program) => {
  program
    .command("completion")
    .description("Print a script that completes commands and options.")
    .addArgument(new Argument("<shell>", "which shell").choices(shells))
    .addHelpText("after", exitCodesHelp)
    .addHelpText(
      "after",
      examples(
        "source <(plimsoll completion bash)",
        "plimsoll completion zsh > ~/.zfunc/_plimsoll",
        "plimsoll completion fish > ~/.config/fish/completions/plimsoll.fish",
      ),
    )
    .action((shell: Shell) => console.log(completionScript(program, shell)));
};
