import { StoryCheckFailed } from "../errors.ts";

/** Tells the story on a terminal: chapters, facts, and checks that end it when they fail. */
export interface Narrator {
  /** Opens a chapter; the time printed with each line counts from here. */
  chapter(title: string, why: string): void;
  /** A fact, with the figures it stands on. */
  say(text: string): void;
  /** A fact that was checked. @throws StoryCheckFailed */
  check(holds: boolean, text: string): void;
  /** A row of a table: cells already formatted, padded to the widths given. */
  row(cells: readonly string[], widths: readonly number[]): void;
  /** Shows that something is awaited, until it settles. A spinner on a terminal, silence in a pipe. */
  during<T>(text: string, work: Promise<T>): Promise<T>;
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

export function createNarrator(out: NodeJS.WriteStream): Narrator {
  const colored = out.isTTY && !process.env["NO_COLOR"];
  const paint = (code: number, text: string) => (colored ? `\u001b[${code}m${text}\u001b[0m` : text);
  let chapters = 0;
  let openedAt = performance.now();

  const seconds = () => `${((performance.now() - openedAt) / 1000).toFixed(1)} s`;
  const line = (mark: string, text: string) =>
    out.write(`  ${mark} ${text.padEnd(96)} ${paint(2, seconds().padStart(8))}\n`);

  return {
    chapter(title, why) {
      chapters += 1;
      openedAt = performance.now();
      out.write(`\n${paint(1, `${chapters}. ${title}`)}\n${paint(2, `   ${why}`)}\n`);
    },
    say: (text) => line(" ", text),
    check(holds, text) {
      line(holds ? paint(32, "✓") : paint(31, "✗"), text);
      if (!holds) throw new StoryCheckFailed(text);
    },
    row: (cells, widths) => out.write(`    ${cells.map((cell, i) => cell.padStart(widths[i] ?? 0)).join("  ")}\n`),
    async during(text, work) {
      if (!out.isTTY) return work;
      let frame = 0;
      const timer = setInterval(() => {
        frame += 1;
        out.write(`\r  ${frames[frame % frames.length]} ${text} ${paint(2, seconds())}\u001b[K`);
      }, 100);
      try {
        return await work;
      } finally {
        clearInterval(timer);
        out.write("\r\u001b[K");
      }
    },
  };
}
