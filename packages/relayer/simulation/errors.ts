import { RelayerError } from "../src/errors.ts";

/** Thrown into a process that crashed while it held the processor: nothing it does afterwards has an effect. */
export class ProcessCrashed extends RelayerError {
  override readonly name = "ProcessCrashed";

  constructor() {
    super("The simulated process crashed.", { code: "crashed", hint: "It restarts from what was durable." });
  }
}

/** A promise of the system was broken. */
export class Violation extends RelayerError {
  override readonly name = "Violation";

  constructor(message: string) {
    super(message, { code: "violation", hint: "Replay the seed with --trace and read what led to it." });
  }
}

/** The network, a chain or an endpoint failed as they do. */
export class SimulatedFault extends RelayerError {
  override readonly name = "SimulatedFault";

  constructor(message: string) {
    super(message, { code: "simulated-fault", hint: "The code under test has to live with it." });
  }
}
