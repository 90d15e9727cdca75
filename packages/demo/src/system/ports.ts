import { assertPortFree } from "@plimsoll/devnet/chains/port";
import { DevnetPortBusy } from "@plimsoll/devnet/errors";
import { PortBusy } from "../errors.ts";

/** Of the three chains, then of the three operators' APIs. */
export interface SystemPorts {
  readonly chains: readonly [number, number, number];
  readonly operators: readonly [number, number, number];
}

export const defaultPorts: SystemPorts = { chains: [8545, 8546, 8547], operators: [8800, 8801, 8802] };

/**
 * Looks at every port before anything is started.
 * @throws {PortBusy}
 */
export async function assertPortsFree({ chains, operators }: SystemPorts): Promise<void> {
  for (const port of [...chains, ...operators]) {
    try {
      await assertPortFree(port);
    } catch (error) {
      if (error instanceof DevnetPortBusy) throw new PortBusy(port, { cause: error });
      throw error;
    }
  }
}
