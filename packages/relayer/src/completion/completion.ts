import type { Argument, Command, Option } from "commander";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** One command as completion needs it. */
interface Entry {
  /** From the program's name on: `["keys", "create"]`. */
  readonly path: readonly string[];
  readonly description: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly { readonly flag: string; readonly description: string; readonly takesFile: boolean }[];
  readonly choices: readonly string[];
  readonly takesFile: boolean;
}

/**
 * A script that completes a program's commands and options, to be read by the shell.
 *
 * @example
 * writeFileSync("plimsoll.bash", completionScript(createProgram(), "bash"));
 */
export function completionScript(program: Command, shell: Shell): string {
  const entries = entriesOf(program, []);
  const write = { bash, zsh, fish }[shell];
  return write(program.name(), entries);
}

function entriesOf(command: Command, path: readonly string[]): Entry[] {
  const options: readonly Option[] = [...command.options];
  const takes: readonly Argument[] = command.registeredArguments;
  const entry: Entry = {
    path,
    description: command.description(),
    commands: command.commands.map((one) => ({ name: one.name(), description: firstSentence(one.description()) })),
    options: [
      ...options.map(({ long, short, flags, description }) => ({
        flag: long ?? short ?? "",
        description: firstSentence(description),
        takesFile: flags.includes("<file>"),
      })),
      { flag: "--help", description: "show help", takesFile: false },
    ],
    choices: takes.flatMap(({ argChoices }) => argChoices ?? []),
    takesFile: takes.some((argument) => argument.name() === "file"),
  };
  return [entry, ...command.commands.flatMap((one) => entriesOf(one, [...path, one.name()]))];
}

const firstSentence = (text: string): string => text.split(/[.;:](?:\s|$)/)[0] ?? "";
const words = ({ commands, options, choices }: Entry): string =>
  [...commands.map(({ name }) => name), ...choices, ...options.map(({ flag }) => flag)].join(" ");

function bash(name: string, entries: readonly Entry[]): string {
  const cases = entries.map((entry) => {
    const files = entry.options.filter(({ takesFile }) => takesFile).map(({ flag }) => flag);
    return `    "${[name, ...entry.path].join(" ")}")
      words="${words(entry)}"; files="${files.join(" ")}"; plain=${entry.takesFile ? 1 : 0} ;;`;
  });
  const paths = entries.map(({ path }) => `"${[name, ...path].join(" ")}"`).join("|");
  return `# bash completion for ${name}: source this, or put it into /etc/bash_completion.d
_${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="${name}" words files plain index
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$path \${COMP_WORDS[index]}" in ${paths}) path="$path \${COMP_WORDS[index]}" ;; esac
  done
  case "$path" in
${cases.join("\n")}
  esac
  COMPREPLY=()
  if [[ " $files " == *" $previous "* && -n "$previous" ]]; then
    COMPREPLY=($(compgen -f -- "$current"))
    return
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ $plain == 1 && "$current" != -* ]]; then COMPREPLY+=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _${name} ${name}
`;
}

const single = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function zsh(name: string, entries: readonly Entry[]): string {
  const escaped = (text: string) => text.replace(/[[\]:\\]/g, "\\$&");
  const functions = entries.map((entry) => {
    const options = entry.options.map(({ flag, description, takesFile }) =>
      single(`${flag}[${escaped(description)}]${takesFile ? ":file:_files" : ""}`),
    );
    const described = entry.commands.map((one) => single(`${one.name}:${escaped(one.description)}`));
    const rest = [
      ...(described.length > 0 ? ["'1:command:->command'", "'*::argument:->rest'"] : []),
      ...(entry.choices.length > 0 ? [single(`1:choice:(${entry.choices.join(" ")})`)] : []),
      ...(entry.takesFile ? ["'1:file:_files'"] : []),
    ];
    const below = entry.commands.map(
      (one) => `        ${one.name}) ${functionName(name, [...entry.path, one.name])} ;;`,
    );
    const state =
      described.length === 0
        ? ""
        : `
  case "$state" in
    command) local -a commands=(${described.join(" ")}); _describe command commands ;;
    rest) case "\${words[1]}" in
${below.join("\n")}
      esac ;;
  esac`;
    return `${functionName(name, entry.path)}() {
  local state line
  _arguments -C ${[...options, ...rest].join(" ")}${state}
}`;
  });
  return `#compdef ${name}
# zsh completion for ${name}: put this as _${name} into a folder of $fpath
${functions.join("\n")}
compdef _${name} ${name}
`;
}

const functionName = (name: string, path: readonly string[]): string => `_${[name, ...path].join("_")}`;

function fish(name: string, entries: readonly Entry[]): string {
  const lines = entries.flatMap((entry) => {
    const below = entry.commands.map((one) => one.name).join(" ");
    const seen = entry.path.map((part) => `__fish_seen_subcommand_from ${part}`);
    const condition = [...seen, ...(below === "" ? [] : [`not __fish_seen_subcommand_from ${below}`])].join("; and ");
    const start = `complete -c ${name}${condition === "" ? "" : ` -n ${single(condition)}`}`;
    return [
      ...entry.commands.map((one) => `${start} -f -a ${one.name} -d ${single(one.description)}`),
      ...entry.choices.map((choice) => `${start} -f -a ${choice}`),
      ...entry.options.map(
        ({ flag, description, takesFile }) =>
          `${start}${takesFile ? " -r -F" : " -f"} -l ${flag.replace(/^--/, "")} -d ${single(description)}`,
      ),
    ];
  });
  return `# fish completion for ${name}: put this into ~/.config/fish/completions/${name}.fish\n${lines.join("\n")}\n`;
}
