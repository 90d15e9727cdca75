import type { Eid } from "@plimsoll/protocol/ids";
import type { Random } from "@plimsoll/protocol/simulation/random";
import type { Logger } from "pino";
import type { Hex } from "viem";
import type { Calls } from "./attestationContract.ts";
import type { Chain } from "./chain.ts";
import type { Composition } from "./composition.ts";
import type { AttestationRules } from "./contracts.ts";
import type { Faults } from "./faults.ts";
import type { Membership } from "./membership.ts";
import type { Mempool } from "./mempool.ts";
import type { Network, OnLeaving } from "./network.ts";
import type { Oracle } from "./oracle.ts";
import type { Remembered } from "./protocol.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Signatures } from "./signatures.ts";
import type { World } from "./world.ts";

/** What an operator of a simulated world finds around it. */
export interface Surroundings {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly faults: Faults;
  readonly chains: ReadonlyMap<Eid, Chain>;
  readonly mempools: ReadonlyMap<Eid, Mempool>;
  /** What operators' transactions call. */
  readonly calls: Calls;
  readonly membership: Membership;
  readonly network: Network;
  readonly oracle: Oracle;
  readonly world: World;
  readonly composition: Composition;
  readonly signatures: Signatures;
  readonly rules: AttestationRules;
  readonly salt: Hex;
  readonly remembered: Remembered;
  readonly onLeaving: OnLeaving;
  /** Ends the world: a promise was broken where nobody could catch it. */
  readonly broken: (error: unknown) => void;
  readonly log: Logger;
  readonly trace: (line: string) => void;
}
