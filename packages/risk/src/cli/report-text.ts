import type { BacktestReport } from "../backtest/backtest.ts";

/** The report as tables for a terminal. */
export function reportText(report: BacktestReport, times: readonly string[]): string {
  const percent = (share: number, digits = 2) => `${(100 * share).toFixed(digits)} %`;
  const chance = (p: number) => (p < 0.0001 ? "<0.0001" : p.toFixed(4));
  return [
    `Walked from ${times[report.firstHour]} to ${times[report.hours - 1]}, ${report.hours - report.firstHour} hours.`,
    "",
    "Value at risk 99 %, periods that do not overlap (p-values: below 0.05 the model is rejected)",
    table([
      [
        "portfolio",
        "horizon",
        "periods",
        "exceptions",
        "expected",
        "Kupiec p",
        "independence p",
        "conditional p",
        "loss/ES 99 %",
      ],
      ...report.valueAtRisk.map(({ portfolio, horizonHours, tests, shortfallRatio }) => [
        portfolio,
        `${horizonHours} h`,
        `${tests.observations}`,
        `${tests.exceptions}`,
        tests.expected.toFixed(1),
        chance(tests.proportion.pValue),
        chance(tests.independence.pValue),
        chance(tests.conditional.pValue),
        Number.isNaN(shortfallRatio) ? "-" : shortfallRatio.toFixed(2),
      ]),
    ]),
    "",
    "Initial margin against what followed, every hour",
    table([
      ["portfolio", "horizon", "margin", "mean", "exceeded", "of hours", "share", "worst loss/margin"],
      ...report.margin.map(({ portfolio, horizonHours, scaled, hours, exceeded, worstRatio, meanMargin }) => [
        portfolio,
        `${horizonHours} h`,
        scaled ? "scaled" : "fixed",
        percent(meanMargin, 1),
        `${exceeded}`,
        `${hours}`,
        percent(exceeded / hours, 3),
        worstRatio.toFixed(2),
      ]),
    ]),
    "",
    "The ten worst hours, and the scaled margin of the long portfolio around them",
    table([
      ["hour (UTC)", "move", "day before", "at start", "at end", "day after", "risen since"],
      ...report.worstHours.map(({ hour, move, dayBefore, atStart, atEnd, dayAfter, leadHours }) => [
        times[hour] ?? "",
        percent(move),
        percent(dayBefore, 1),
        percent(atStart, 1),
        percent(atEnd, 1),
        percent(dayAfter, 1),
        leadHours === 0 ? "not" : leadHours >= 168 ? "a week or more" : `${leadHours} h`,
      ]),
    ]),
    "",
    "How procyclical the long portfolio's margin was",
    table([
      ["margin", "largest rise, 1 day", "largest rise, 5 days", "peak to trough"],
      ...(["fixed", "scaled"] as const).map((name) => {
        const { oneDay, fiveDays, peakToTrough } = report.procyclicality[name];
        return [name, `x ${oneDay.toFixed(2)}`, `x ${fiveDays.toFixed(2)}`, `x ${peakToTrough.toFixed(2)}`];
      }),
    ]),
  ].join("\n");
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map((row) => (row[c] ?? "").length)));
  return rows
    .map((row) =>
      row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c] ?? 0) : cell.padStart(widths[c] ?? 0))).join("  "),
    )
    .join("\n");
}
