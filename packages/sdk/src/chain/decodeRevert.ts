import { decodeErrorResult, type Hex, isHex } from "viem";
import {
  AllotmentExceeded,
  ContractRefused,
  GrossLimitExceeded,
  InstrumentReduceOnly,
  OnlyReductionsAllowed,
  StaleProof,
} from "../errors/contract.ts";
import type { PlimsollError } from "../errors/plimsollError.ts";
import { errorAbi } from "./errorAbi.ts";
import { hintFor } from "./hints.ts";

/**
 * Turns what a refused call threw into the typed error for the contract's reason; null where the failure was none of
 * the contract's (the RPC is down, the user declined, too little gas money).
 */
export function decodeRevert(error: unknown): PlimsollError | null {
  const data = findRevertData(error);
  if (data === null) return isBareRevert(error) ? new ContractRefused(null, [], unknownHint, { cause: error }) : null;
  let decoded: { errorName: string; args?: readonly unknown[] | undefined };
  try {
    decoded = decodeErrorResult({ abi: errorAbi, data });
  } catch {
    return new ContractRefused(null, [data], unknownHint, { cause: error });
  }
  return toTypedError(decoded.errorName, decoded.args ?? [], error);
}

const unknownHint = "Check the deployment's addresses and that SDK and contracts are of the same version.";

function toTypedError(errorName: string, args: readonly unknown[], cause: unknown): PlimsollError {
  const options = { cause };
  switch (errorName) {
    case "AllotmentExceeded":
      return new AllotmentExceeded(args[0] as Hex, Number(args[1]), args[2] as bigint, options);
    case "GrossLimitExceeded":
      return new GrossLimitExceeded(args[0] as Hex, args[1] as bigint, args[2] as bigint, options);
    case "InstrumentReduceOnly":
      return new InstrumentReduceOnly(args[0] as Hex, args[1] as Hex, options);
    case "OnlyReductionsAllowed":
      return new OnlyReductionsAllowed(args[0] as Hex, Number(args[1]), options);
    case "InvalidMarginProof":
      return new StaleProof(null, args[0] as bigint, options);
    case "InvalidWithdrawalProof":
      return new StaleProof(null, args[1] as bigint, options);
    case "StaleEpoch":
      return new StaleProof(args[0] as bigint, args[1] as bigint, options);
    default:
      return new ContractRefused(errorName, args, hintFor(errorName), options);
  }
}

/** RPCs and wallets nest the data at different depths: take the first that is a selector or more. */
function findRevertData(error: unknown): Hex | null {
  let current: unknown = error;
  for (let depth = 0; depth < 12 && typeof current === "object" && current !== null; depth++) {
    const data = "data" in current ? current.data : undefined;
    for (const candidate of [
      data,
      typeof data === "object" && data !== null && "data" in data ? data.data : undefined,
    ]) {
      if (isHex(candidate) && candidate.length >= 10) return candidate;
    }
    current = "cause" in current ? current.cause : undefined;
  }
  return null;
}

function isBareRevert(error: unknown): boolean {
  let current: unknown = error;
  for (let depth = 0; depth < 12 && current instanceof Error; depth++) {
    if (current.name === "ExecutionRevertedError") return true;
    current = current.cause;
  }
  return false;
}
