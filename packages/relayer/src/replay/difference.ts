/** The first place at which two values differ, and what stands there. */
export interface Difference {
  /** Keys from the outside in. */
  readonly path: readonly string[];
  readonly first: string;
  readonly second: string;
}

/**
 * The first difference between two values of one shape: tables and lists in the order of their keys, and whatever has no
 * keys by itself. Null when there is none.
 *
 * @example firstDifference({ a: [1n, 2n] }, { a: [1n, 3n] }) // { path: ["a", "1"], first: "2", second: "3" }
 */
export function firstDifference(first: unknown, second: unknown, path: readonly string[] = []): Difference | null {
  const a = entriesOf(first);
  const b = entriesOf(second);
  if (a === null || b === null) {
    return Object.is(first, second) ? null : { path, first: tell(first), second: tell(second) };
  }
  for (const key of [...new Set([...a.keys(), ...b.keys()])].sort(inOrder)) {
    const at = [...path, key];
    if (!a.has(key) || !b.has(key)) {
      return { path: at, first: a.has(key) ? "there" : "absent", second: b.has(key) ? "there" : "absent" };
    }
    const found = firstDifference(a.get(key), b.get(key), at);
    if (found !== null) return found;
  }
  return null;
}

function entriesOf(value: unknown): ReadonlyMap<string, unknown> | null {
  if (value instanceof Map) return new Map([...value].map(([key, one]) => [String(key), one]));
  if (typeof value !== "object" || value === null) return null;
  return new Map<string, unknown>(Object.entries(value));
}

/** Numbers by size, then everything else by its letters. */
function inOrder(a: string, b: string): number {
  const [first, second] = [Number(a), Number(b)];
  if (!a.startsWith("0x") && !b.startsWith("0x") && first !== second && !Number.isNaN(first - second)) {
    return first - second;
  }
  return a < b ? -1 : 1;
}

const tell = (value: unknown): string => (typeof value === "object" && value !== null ? "a table" : String(value));
