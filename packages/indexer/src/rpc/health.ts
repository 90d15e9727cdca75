/** How well an endpoint does. */
export interface EndpointHealth {
  succeeded(latencyMs: number): void;
  failed(): void;
  /** The head as it told it. */
  sawHead(number: number): void;
  readonly head: number;
  /** Milliseconds that an answer is worth: its latency, dearer the more often it fails and the further it lags. */
  score(bestHead: number): number;
  readonly latencyMs: number;
  /** Between 0 and 1, of the last calls. */
  readonly errorRate: number;
  /** When a call was answered last; null before the first. */
  readonly lastAnswerMs: number | null;
}

/** Weight of the newest call. */
const newest = 0.1;
/** An endpoint of which every call fails scores like one eleven times as slow. */
const costOfErrors = 10;
const costOfBlockMs = 50;

export function endpointHealth(nowMs: () => number = Date.now): EndpointHealth {
  let latencyMs = 0;
  let errorRate = 0;
  let head = -1;
  let lastAnswerMs: number | null = null;
  return {
    succeeded(latest) {
      latencyMs = latencyMs === 0 ? latest : latencyMs + newest * (latest - latencyMs);
      errorRate *= 1 - newest;
      lastAnswerMs = nowMs();
    },
    failed() {
      errorRate += newest * (1 - errorRate);
    },
    sawHead(number) {
      head = number;
    },
    get head() {
      return head;
    },
    get latencyMs() {
      return latencyMs;
    },
    get errorRate() {
      return errorRate;
    },
    get lastAnswerMs() {
      return lastAnswerMs;
    },
    score: (bestHead) =>
      (latencyMs + 1) * (1 + costOfErrors * errorRate) + (head < 0 ? 0 : Math.max(0, bestHead - head) * costOfBlockMs),
  };
}
