import type { Address } from "viem";
import type { Context } from "./context.ts";

/**
 * What the first of some peers gives. They are asked one after the other, the next one as soon as one has nothing or takes
 * longer than usual: whoever does not answer at all is waited for beside the others, not before them.
 *
 * @param ask null, or a rejection, where a peer has nothing.
 * @returns null when none has.
 */
export function firstGiven<Given>(
  { clock, timing }: Pick<Context, "clock" | "timing">,
  peers: readonly Address[],
  ask: (peer: Address) => Promise<Given | null>,
): Promise<Given | null> {
  return new Promise((resolve) => {
    const ended = new AbortController();
    let asked = 0;
    let empty = 0;
    const end = (given: Given | null) => {
      ended.abort();
      resolve(given);
    };
    const askNext = () => {
      const peer = peers[asked];
      if (peer === undefined || ended.signal.aborted) return;
      asked++;
      const place = asked;
      const goOn = () => {
        if (asked === place) askNext();
      };
      const fail = () => {
        empty++;
        if (empty === peers.length) end(null);
        else goOn();
      };
      ask(peer).then((given) => (given === null ? fail() : end(given)), fail);
      clock.sleep(timing.peerTimeoutMs, ended.signal).then(goOn);
    };
    if (peers.length === 0) end(null);
    askNext();
  });
}
