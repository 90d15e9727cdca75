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
  /** Points instead of a line. */
  readonly dots?: boolean;
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

function drawPanel({ title, lines, first, end, ticks, unit }: LinePanel, top: number): string {
  const highest = Math.max(1, ...lines.flatMap(({ points }) => points.map(([, value]) => value)));
  const step = stepFor(highest);
  const most = Math.ceil(highest / step) * step;
  const x = (at: number) => (left + ((at - first) / (end - first)) * (width - left - right)).toFixed(1);
  const y = (value: number) => (top + panelHeight * (1 - value / most)).toFixed(1);
  const out = [
    `<text x="${left}" y="${top - 28}" font-size="14" font-weight="bold" fill="#1b2330">${escapeText(title)}</text>`,
  ];
  for (let value = 0; value <= most; value += step) {
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
  for (const [index, { name, color, points, dots }] of lines.entries()) {
    const legend = left + index * 190;
    out.push(
      dots
        ? `<circle cx="${legend + 8}" cy="${top - 14}" r="3" fill="${color}"/>`
        : `<line x1="${legend}" x2="${legend + 16}" y1="${top - 14}" y2="${top - 14}" stroke="${color}" stroke-width="2"/>`,
      `<text x="${legend + 22}" y="${top - 10}" fill="#465064">${escapeText(name)}</text>`,
      dots
        ? points.map(([at, value]) => `<circle cx="${x(at)}" cy="${y(value)}" r="2" fill="${color}"/>`).join("")
        : `<polyline fill="none" stroke="${color}" stroke-width="1.4" points="${points.map(([at, value]) => `${x(at)},${y(value)}`).join(" ")}"/>`,
    );
  }
  return out.join("\n");
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
