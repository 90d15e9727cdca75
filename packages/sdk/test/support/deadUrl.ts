import { freePorts } from "@plimsoll/devnet/chains/port";

/** Where nobody listens. */
export async function deadUrl(): Promise<string> {
  const [port = 0] = await freePorts(1);
  return `http://127.0.0.1:${port}`;
}
