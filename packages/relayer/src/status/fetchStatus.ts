import { type NodeStatus, statusSchema } from "../api/status.ts";
import { NodeUnreachableError } from "./errors.ts";

const patienceMs = 10_000;

/**
 * Asks a running node how it is.
 *
 * @throws NodeUnreachableError
 * @example
 * const status = await fetchStatus("http://127.0.0.1:8800");
 */
export async function fetchStatus(url: string): Promise<NodeStatus> {
  const answer = await fetch(`${url}/v1/status`, { signal: AbortSignal.timeout(patienceMs) }).catch(
    (cause: unknown) => {
      throw new NodeUnreachableError(url, "does not answer", cause);
    },
  );
  if (!answer.ok) throw new NodeUnreachableError(url, `answered ${answer.status}`);
  const parsed = statusSchema.safeParse(await answer.json().catch(() => null));
  if (parsed.success) return parsed.data;
  throw new NodeUnreachableError(url, "is no Plimsoll node of this version", parsed.error);
}
