/** Of every picture, pixels. */
const width = 960;
const left = 64;
const right = 16;
const panelHeight = 190;
const panelGap = 78;

/** A series of a panel. */
export interface Line {
  readonly name: string;
  readonly color: string;
  readonly points: readonly (readonly [x: number, value: number])[];
  /** A line by default. Bars stand side by side over a whole x. */
  readonly shape?: "line" | "dots" | "bars";
}

/** Lines over one axis. */
export interface LinePanel {
  readonly title: string;
  readonly lines: readonly Line[];
  /** The first x, and the one after the last. */
  readonly first: number;
  readonly end: number;
  readonly ticks: readonly { readonly x: number; readonly text: string }[];
  /** Behind the figures of the value axis, such as " %". */
  readonly unit: string;
  /** Where the value axis begins; 0 by default. */
  readonly lowest?: number;
}

/**
 * Panels one below the other as an SVG picture.
 * @example writeFileSync("margin.svg", drawPanels([panel]));
 */
export function drawPanels(panels: readonly LinePanel[]): string {
  const height = 40 + panels.length * (panelHeight + panelGap);
  const body = panels.map((panel, index) => drawPanel(panel, 52 + index * (panelHeight + panelGap)));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Helvetica, Arial, sans-serif" font-size="12">
<rect width="${width}" height="${height}" fill="#ffffff"/>
${body.join("\n")}
</svg>
`;
}

/** The smallest step of 1, 2 or 5 times a power of ten of which no more than six reach the highest value. */
function stepFor(highest: number): number {
  for (let power = 1; ; power *= 10) {
    for (const size of [power, 2 * power, 5 * power]) if (highest / size <= 6) return size;
  }
}

function drawPanel({ title, lines, first, end, ticks, unit, lowest = 0 }: LinePanel, top: number): string {
  const highest = Math.max(lowest + 1, ...lines.flatMap(({ points }) => points.map(([, value]) => value)));
  const step = stepFor(highest - lowest);
  const most = lowest + Math.ceil((highest - lowest) / step) * step;
  const perX = (width - left - right) / (end - first);
  const x = (at: number) => (left + (at - first) * perX).toFixed(1);
  const y = (value: number) => (top + panelHeight * (1 - (value - lowest) / (most - lowest))).toFixed(1);
  const out = [
    `<text x="${left}" y="${top - 28}" font-size="14" font-weight="bold" fill="#1b2330">${escapeText(title)}</text>`,
  ];
  for (let value = lowest; value <= most; value += step) {
    out.push(
      `<line x1="${left}" x2="${width - right}" y1="${y(value)}" y2="${y(value)}" stroke="#e3e7ee"/>`,
      `<text x="${left - 8}" y="${Number(y(value)) + 4}" text-anchor="end" fill="#465064">${value.toLocaleString("en")}${escapeText(unit)}</text>`,
    );
  }
  for (const tick of ticks) {
    out.push(
      `<line x1="${x(tick.x)}" x2="${x(tick.x)}" y1="${top + panelHeight}" y2="${top + panelHeight + 5}" stroke="#465064"/>`,
      `<text x="${x(tick.x)}" y="${top + panelHeight + 18}" text-anchor="middle" fill="#465064">${escapeText(tick.text)}</text>`,
    );
  }
  const barred = lines.filter(({ shape }) => shape === "bars");
  const barWidth = (0.7 * perX) / Math.max(1, barred.length);
  for (const [index, line] of lines.entries()) {
    const { name, color, points, shape = "line" } = line;
    const legend = left + index * 190;
    out.push(`<text x="${legend + 22}" y="${top - 10}" fill="#465064">${escapeText(name)}</text>`);
    if (shape === "dots") {
      out.push(`<circle cx="${legend + 8}" cy="${top - 14}" r="3" fill="${color}"/>`);
      out.push(points.map(([at, value]) => `<circle cx="${x(at)}" cy="${y(value)}" r="2" fill="${color}"/>`).join(""));
    } else if (shape === "bars") {
      out.push(`<rect x="${legend + 4}" y="${top - 19}" width="10" height="10" fill="${color}"/>`);
      const offset = (barred.indexOf(line) - barred.length / 2) * barWidth;
      const bar = ([at, value]: readonly [number, number]) =>
        `<rect x="${(Number(x(at)) + offset).toFixed(1)}" y="${y(value)}" width="${barWidth.toFixed(1)}" height="${(top + panelHeight - Number(y(value))).toFixed(1)}" fill="${color}"/>`;
      out.push(points.map(bar).join(""));
    } else {
      out.push(
        `<line x1="${legend}" x2="${legend + 16}" y1="${top - 14}" y2="${top - 14}" stroke="${color}" stroke-width="2"/>`,
        `<polyline fill="none" stroke="${color}" stroke-width="1.4" points="${points.map(([at, value]) => `${x(at)},${y(value)}`).join(" ")}"/>`,
      );
    }
  }
  return out.join("\n");
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
