import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { createProgram } from "./program.ts";

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}

/** Every command that does something, subcommands among them. */
const leaves = (command: Command): Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);

describe("createProgram", () => {
  test("default: every command says what it does, with examples and exit codes", () => {
    const commands = leaves(createProgram());
    expect(commands.length).toBeGreaterThan(1);
    for (const command of commands) {
      const help = helpOf(command);
      expect(command.description(), command.name()).not.toBe("");
      expect(help, command.name()).toContain("Examples:");
      expect(help, command.name()).toContain("Exit codes:");
    }
  });
});
