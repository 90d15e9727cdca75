export interface WatchParameters<value> {
  /** One look; null when there is nothing yet. */
  readonly look: () => Promise<value | null>;
  /** Called with the first value and with each that differs from the one before. */
  readonly onChange: (value: value, previous: value | null) => void;
  /** Called when a look fails; watching goes on. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** True once nothing more can change. */
  readonly isLast?: (value: value) => boolean;
  readonly intervalMilliseconds: number;
}

/** Looks again and again and reports changes, until the returned function is called. */
export function watch<value>(parameters: WatchParameters<value>): () => void {
  const { look, onChange, onError, isLast, intervalMilliseconds } = parameters;
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let previous: value | null = null;
  let previousText: string | null = null;

  const turn = async () => {
    try {
      const value = await look();
      if (stopped) return;
      const text = value === null ? null : toText(value);
      if (value !== null && text !== previousText) {
        const before = previous;
        [previous, previousText] = [value, text];
        onChange(value, before);
        if (isLast?.(value)) stopped = true;
      }
    } catch (error) {
      if (!stopped) onError?.(error);
    }
    if (!stopped) timer = setTimeout(turn, intervalMilliseconds);
  };
  void turn();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

function toText(value: unknown): string {
  return JSON.stringify(value, (_, field: unknown) => (typeof field === "bigint" ? `${field}n` : field));
}
