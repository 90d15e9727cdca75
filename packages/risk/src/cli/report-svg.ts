import type { BacktestReport } from "../backtest/backtest.ts";
import { drawPanels, type Line } from "../drawing/line-panels.ts";

/** The report as a picture: initial margin and what was lost against it, and value at risk with its exceptions. */
export function reportSvg(report: BacktestReport, times: readonly string[]): string {
  const { firstHour, hours, paths } = report;
  const daily = (path: Float64Array): [number, number][] => {
    const points: [number, number][] = [];
    for (let t = firstHour; t < hours; t += 24) points.push([t, 100 * Math.max(...path.subarray(t, t + 24))]);
    return points;
  };
  const day = report.valueAtRisk.find(({ portfolio, horizonHours }) => portfolio === "long" && horizonHours === 24);
  const forecasts = day?.forecasts ?? [];
  const losses: Line = {
    name: "loss over the next 24 h",
    color: "#8a94a6",
    points: forecasts.filter(({ loss }) => loss > 0).map(({ hour, loss }) => [hour, 100 * loss]),
    shape: "dots",
  };
  const exceptions = forecasts.filter(({ loss, valueAtRisk }) => loss > valueAtRisk);
  const panels: { title: string; lines: Line[] }[] = [
    {
      title: "Long portfolio: initial margin, % of notional",
      lines: [
        losses,
        { name: "fixed set", color: "#c77800", points: daily(paths.fixed) },
        { name: "scaled by volatility", color: "#1f5fbf", points: daily(paths.scaled) },
      ],
    },
    {
      title: `Long portfolio: 24 h value at risk 99 %, ${exceptions.length} exceptions in ${forecasts.length} days`,
      lines: [
        losses,
        {
          name: "value at risk",
          color: "#1f5fbf",
          points: forecasts.map(({ hour, valueAtRisk }) => [hour, 100 * valueAtRisk]),
        },
        {
          name: "exception",
          color: "#c3262b",
          points: exceptions.map(({ hour, loss }) => [hour, 100 * loss]),
          shape: "dots",
        },
      ],
    },
  ];
  const ticks = monthTicks(firstHour, times);
  return drawPanels(panels.map((panel) => ({ ...panel, first: firstHour, end: hours, ticks, unit: " %" })));
}

/** At the beginnings of months: of all, or of so many of them that they do not run into each other. */
function monthTicks(first: number, times: readonly string[]) {
  const months = times
    .map((time, x) => ({ x, text: time.slice(0, 7), begins: time.slice(8, 13) === "01T00" }))
    .filter(({ x, begins }) => x >= first && begins);
  const every = Math.max(1, Math.ceil(months.length / 12));
  return months.filter((_, index) => index % every === 0);
}
