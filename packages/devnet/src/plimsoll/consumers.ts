import { readFileSync } from "node:fs";
import { nameToId } from "@plimsoll/protocol/account";
import { type Abi, type Address, encodeDeployData, type Hex } from "viem";
import { z } from "zod";
import { ArgumentInvalid } from "../errors.ts";
import type { TransactionBatch } from "../transactions.ts";

/** Somebody's own consumer: a compiled contract of packages/contracts whose constructor takes attestations first. */
export interface ConsumerPlan {
  /** Name of the chain. */
  readonly chain: string;
  /** The contract's name, which is its file's as well. */
  readonly contract: string;
  /** The constructor's other arguments: a symbol, a person, an instrument, or the value itself. */
  readonly args: readonly string[];
}

/** What names in a plan stand for on its chain. */
interface ConsumerSurroundings {
  readonly attestations: Address;
  readonly addresses: ReadonlyMap<string, Address>;
}

const artifactSchema = z.object({
  abi: z.array(z.looseObject({ type: z.string() })).transform((abi) => abi as unknown as Abi),
  bytecode: z.object({ object: z.string().transform((text) => text as Hex) }),
});

/**
 * Reads `birch=CreditLine,USDC,bob`.
 *
 * @throws {ArgumentInvalid}
 * @example
 * const { chain, contract, args } = parseConsumer("birch=CreditLine,USDC,bob");
 */
export function parseConsumer(text: string): ConsumerPlan {
  const [, chain, contract, rest] = /^(\w+)=(\w+)((?:,[^,]+)*)$/.exec(text) ?? [];
  if (chain === undefined || contract === undefined || rest === undefined) {
    throw new ArgumentInvalid(`a consumer is named as birch=CreditLine,USDC,bob, not "${text}"`);
  }
  return { chain, contract, args: rest === "" ? [] : rest.slice(1).split(",") };
}

/**
 * Deploys a consumer from forge's artifact.
 *
 * @throws {ArgumentInvalid} there is no such contract, or its constructor takes other arguments.
 * @example
 * const address = deployConsumer(batch, plan, { attestations, addresses });
 */
export function deployConsumer(
  batch: TransactionBatch,
  { contract, args }: ConsumerPlan,
  { attestations, addresses }: ConsumerSurroundings,
): Address {
  const { abi, bytecode } = readArtifact(contract);
  const inputs = abi.find((item) => item.type === "constructor")?.inputs ?? [];
  if (inputs.length !== args.length + 1) {
    throw new ArgumentInvalid(`${contract}'s constructor takes ${inputs.length} arguments, with attestations`);
  }
  const values = args.map((text, index) => {
    const type = inputs[index + 1]?.type;
    if (type === "address") return addresses.get(text) ?? text;
    return type === "bytes32" && !text.startsWith("0x") ? nameToId(text) : text;
  });
  try {
    return batch.deploy(
      contract,
      encodeDeployData({ abi, bytecode: bytecode.object, args: [attestations, ...values] }),
    );
  } catch (cause) {
    throw new ArgumentInvalid(`${contract}'s constructor does not take ${args.join(", ")}`, { cause });
  }
}

function readArtifact(contract: string): z.output<typeof artifactSchema> {
  const path = new URL(`../../../contracts/out/${contract}.sol/${contract}.json`, import.meta.url);
  try {
    return artifactSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new ArgumentInvalid(`there is no compiled contract ${contract} in packages/contracts/src`, { cause });
  }
}
