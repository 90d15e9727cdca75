import type { Campaign } from "./campaign.ts";

/** Prints what many worlds came to. */
export function report(campaign: Campaign): void {
  const { seeds, steps, elapsedMs, attested, posted, trades, claims, exits } = campaign;
  const { liquidations, takeovers, deleveragings, slowestRecovery, faults, violations } = campaign;
  const row = (name: string, value: number | string) => console.log(`  ${name.padEnd(24)} ${value}`);
  const perSecond = elapsedMs === 0 ? 0 : 1000 / elapsedMs;
  row("seeds", seeds);
  row("steps", steps);
  row("steps a second", Math.round(perSecond * steps));
  row("seeds a minute", Math.round(60 * perSecond * seeds));
  row("epochs attested", attested);
  row("posted", posted);
  row("trades", trades);
  row("books bought", liquidations);
  row("books taken over", takeovers);
  row("books deleveraged", deleveragings);
  row("withdrawals paid", claims);
  row("exits", exits);
  row("slowest recovery", `${slowestRecovery} epochs`);
  console.log("faults");
  for (const [kind, count] of [...faults].sort(([a], [b]) => (a < b ? -1 : 1))) row(kind, count);
  row("violations", violations.length);
  for (const { seed, violation } of violations.slice(0, 10)) console.log(`  seed ${seed}: ${violation}`);
}
