/** One thing that happened, or one newer state of something. */
export interface LiveEvent {
  /** Everything up to here has been told: what a client comes back with as Last-Event-ID. */
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** What one client follows. Asked again whenever something may have changed. */
export interface Feed {
  /** What is new since the last call; the first call tells what is new since the client's Last-Event-ID. */
  next(): readonly LiveEvent[];
  /** Where the feed stands when there was nothing to tell, so that a client can resume from there. */
  position(): string | null;
}
