/**
 * The line (from 1) of a TOML text where a key is set, or else of the innermost table around it that is there; null
 * when nothing of the path is. Knows `[table]`, `[[list]]` and `key = value`: what people write.
 *
 * @example lineOfKey("[node]\nport = 1", ["node", "port"]) // 2
 */
export function lineOfKey(text: string, path: readonly PropertyKey[]): number | null {
  const wanted = path.map(String);
  const counts = new Map<string, number>();
  let table: string[] = [];
  let best: { depth: number; line: number } | null = null;
  const consider = (key: readonly string[], line: number) => {
    const depth = key.length;
    if (depth > (best?.depth ?? 0) && key.every((part, index) => part === wanted[index])) best = { depth, line };
  };
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    const list = /^\[\[([^\]]+)\]\]/.exec(line)?.[1];
    const single = /^\[([^[\]]+)\]/.exec(line)?.[1];
    const key = /^([\w".-]+)\s*=/.exec(line)?.[1];
    if (list !== undefined) {
      const name = list.trim();
      const count = counts.get(name) ?? 0;
      counts.set(name, count + 1);
      table = [...split(name), String(count)];
      consider(table, index + 1);
    } else if (single !== undefined) {
      table = inCurrentList(split(single), counts);
      consider(table, index + 1);
    } else if (key !== undefined) consider([...table, ...split(key)], index + 1);
  }
  return (best as { line: number } | null)?.line ?? null;
}

const split = (key: string): string[] => key.split(".").map((part) => part.trim().replace(/^"|"$/g, ""));

/** `[chains.contracts]` after the second `[[chains]]` is `chains.1.contracts`. */
function inCurrentList(parts: readonly string[], counts: ReadonlyMap<string, number>): string[] {
  const [first, ...rest] = parts;
  const count = first === undefined ? undefined : counts.get(first);
  return first !== undefined && count !== undefined ? [first, String(count - 1), ...rest] : [...parts];
}
