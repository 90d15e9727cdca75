import { spawnSync } from "node:child_process";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { createProgram } from "../commands/program.ts";
import { completionScript, shells } from "./completion.ts";

const run = (shell: string, ...args: string[]) => spawnSync(shell, args, { encoding: "utf8" });

/** What bash offers for a line that ends where the cursor is. */
function offered(...line: string[]): string[] {
  const script = completionScript(createProgram(), "bash");
  const ask = `${script}
COMP_WORDS=(plimsoll ${line.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${line.length}
_plimsoll; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = run("bash", "--norc", "-c", ask);
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return stdout.split("\n").filter((word) => word !== "");
}

const has = (shell: string) => run(shell, "--version").status === 0;
const every = (command: Command): Command[] => [command, ...command.commands.flatMap(every)];

describe("completionScript", () => {
  test("default: bash completes commands, subcommands, options, choices and files", () => {
    expect(offered("ch")).toEqual(["check"]);
    expect(offered("")).toEqual(expect.arrayContaining(["init", "check", "start", "keys", "--version"]));
    expect(offered("keys", "")).toEqual(expect.arrayContaining(["create", "import", "show", "--help"]));
    expect(offered("keys", "create", "--o")).toEqual(["--out"]);
    expect(offered("start", "--")).toEqual(expect.arrayContaining(["--config", "--help"]));
    expect(offered("check", "--config", "pack")).toEqual(["package.json"]);
    expect(offered("completion", "z")).toEqual(["zsh"]);
    expect(offered("keys", "show", "package.j")).toEqual(["package.json"]);
  });

  test.each(shells)("behavior: %s is told of every command and every option", (shell) => {
    const program = createProgram();
    const script = completionScript(program, shell);
    for (const command of every(program)) {
      expect(script, command.name()).toContain(command.name());
      for (const { long } of command.options) {
        expect(script, long ?? "").toContain(shell === "fish" ? `-l ${long?.slice(2)}` : long);
      }
    }
  });

  test.runIf(has("zsh"))("behavior: zsh is given every option with its description", () => {
    // In place of zsh's own machinery, one that prints what it is told.
    const stubs = 'compdef() {}; _arguments() { print -l -- "$@" }';
    const script = `${stubs}; ${completionScript(createProgram(), "zsh")}; _plimsoll_keys_create; _plimsoll_completion`;
    const { status, stdout, stderr } = run("zsh", "-f", "-c", script);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const lines = stdout.split("\n");
    expect(lines).toContain("--out[the keystore to write]:file:_files");
    expect(lines).toContain("1:choice:(bash zsh fish)");
  });

  test.runIf(has("fish"))("behavior: fish completes commands, options and choices", () => {
    const ask = (line: string) => {
      const script = `${completionScript(createProgram(), "fish")}\ncomplete -C "${line}"`;
      const { stdout } = run("fish", "--no-config", "-c", script);
      return stdout.split("\n").map((one) => one.split("\t")[0]);
    };
    expect(ask("plimsoll ch")).toContain("check");
    expect(ask("plimsoll keys create --o")).toContain("--out");
    expect(ask("plimsoll completion z")).toContain("zsh");
    expect(ask("plimsoll keys create ")).not.toContain("create");
  });
});
