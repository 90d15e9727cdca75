import type { BacktestReport } from "../backtest/backtest.ts";

const width = 960;
const left = 64;
const right = 16;
const panelHeight = 190;
const panelGap = 78;

interface Line {
  readonly name: string;
  readonly color: string;
  readonly points: readonly (readonly [hour: number, percent: number])[];
  readonly dots?: boolean;
}

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
    dots: true,
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
          dots: true,
        },
      ],
    },
  ];
  const height = 40 + panels.length * (panelHeight + panelGap);
  const body = panels.map(({ title, lines }, index) =>
    panel(title, lines, 52 + index * (panelHeight + panelGap), firstHour, hours, times),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Helvetica, Arial, sans-serif" font-size="12">
<rect width="${width}" height="${height}" fill="#ffffff"/>
${body.join("\n")}
</svg>
`;
}

function panel(
  title: string,
  lines: readonly Line[],
  top: number,
  first: number,
  end: number,
  times: readonly string[],
): string {
  const highest = Math.max(1, ...lines.flatMap(({ points }) => points.map(([, value]) => value)));
  const step = [1, 2, 5, 10, 20, 50, 100].find((size) => highest / size <= 6) ?? 200;
  const most = Math.ceil(highest / step) * step;
  const x = (hour: number) => (left + ((hour - first) / (end - first)) * (width - left - right)).toFixed(1);
  const y = (value: number) => (top + panelHeight * (1 - value / most)).toFixed(1);
  const out = [
    `<text x="${left}" y="${top - 28}" font-size="14" font-weight="bold" fill="#1b2330">${escapeText(title)}</text>`,
  ];
  for (let value = 0; value <= most; value += step) {
    out.push(
      `<line x1="${left}" x2="${width - right}" y1="${y(value)}" y2="${y(value)}" stroke="#e3e7ee"/>`,
      `<text x="${left - 8}" y="${Number(y(value)) + 4}" text-anchor="end" fill="#465064">${value} %</text>`,
    );
  }
  const months = times
    .map((time, hour) => ({ time, hour }))
    .filter(({ time, hour }) => hour >= first && time.slice(8, 13) === "01T00");
  const every = Math.max(1, Math.ceil(months.length / 12));
  for (const { time, hour } of months.filter((_, index) => index % every === 0)) {
    out.push(
      `<line x1="${x(hour)}" x2="${x(hour)}" y1="${top + panelHeight}" y2="${top + panelHeight + 5}" stroke="#465064"/>`,
      `<text x="${x(hour)}" y="${top + panelHeight + 18}" text-anchor="middle" fill="#465064">${time.slice(0, 7)}</text>`,
    );
  }
  for (const [index, { name, color, points, dots }] of lines.entries()) {
    const at = left + index * 190;
    out.push(
      dots
        ? `<circle cx="${at + 8}" cy="${top - 14}" r="3" fill="${color}"/>`
        : `<line x1="${at}" x2="${at + 16}" y1="${top - 14}" y2="${top - 14}" stroke="${color}" stroke-width="2"/>`,
      `<text x="${at + 22}" y="${top - 10}" fill="#465064">${escapeText(name)}</text>`,
      dots
        ? points.map(([hour, value]) => `<circle cx="${x(hour)}" cy="${y(value)}" r="2" fill="${color}"/>`).join("")
        : `<polyline fill="none" stroke="${color}" stroke-width="1.4" points="${points.map(([hour, value]) => `${x(hour)},${y(value)}`).join(" ")}"/>`,
    );
  }
  return out.join("\n");
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
