import type { Campaign } from "./campaign.ts";

/** Between two lines where they are kept, as in a file. */
const lineEveryMs = 15_000;

/** What is to be done: so many worlds, and no new one after so long. */
interface Wanted {
  readonly seeds: number;
  readonly mostMs: number;
}

type Output = Pick<NodeJS.WriteStream, "isTTY" | "write">;

/** Tells how far a campaign is: on a terminal in one line that is written over, else in a line every quarter of a minute. */
export function createProgress(
  output: Output,
  wanted: Wanted,
): { readonly show: (so: Campaign) => void; readonly end: () => void } {
  if (output.isTTY) {
    return {
      show: (so) => output.write(`\r\x1b[K${progressLine(so, wanted)}`),
      end: () => output.write("\r\x1b[K"),
    };
  }
  let toldMs = 0;
  return {
    show(so) {
      if (so.elapsedMs < toldMs + lineEveryMs) return;
      toldMs = so.elapsedMs;
      output.write(`${progressLine(so, wanted)}\n`);
    },
    end: () => {},
  };
}

/** How many worlds are over, what was broken in them, how fast they go, and how long the rest takes. */
export function progressLine(
  { seeds, steps, elapsedMs, violations }: Pick<Campaign, "seeds" | "steps" | "elapsedMs" | "violations">,
  wanted: Wanted,
): string {
  const leftMs = Math.max(0, Math.min((elapsedMs / seeds) * (wanted.seeds - seeds), wanted.mostMs - elapsedMs));
  const perMinute = Math.round((60_000 * seeds) / elapsedMs);
  const rate = Math.round((1000 * steps) / elapsedMs);
  const done = `${seeds} of ${wanted.seeds} seeds  ${violations.length} violations`;
  return `${done}  ${perMinute} seeds a minute  ${rate} steps/s  ${Math.ceil(leftMs / 1000)} s left`;
}
