import { z } from "@hono/zod-openapi";
import type {
  AccountJson,
  ChainJson,
  DeleverageProofJson,
  EpochJson,
  HealthJson,
  InstrumentJson,
  InstrumentProofJson,
  LiquidationJson,
  MessageJson,
  TradeProofsJson,
  VaultLiquidityJson,
  WithdrawalProofJson,
} from "@plimsoll/protocol/wire";
import type { Address, Hex } from "viem";

// The answers, as the OpenAPI document tells them. The types are the protocol's.

const hex = z.custom<Hex>((value) => typeof value === "string").openapi({ type: "string", pattern: "^0x[0-9a-f]*$" });
const addressOut = z
  .custom<Address>((value) => typeof value === "string")
  .openapi({ type: "string", pattern: "^0x[0-9a-f]{40}$" });
const amount = z.string().openapi({ pattern: "^-?[0-9]+$", description: "A decimal integer." });
const whole = z.number().int();
const statusName = z.enum(["active", "reduce-only", "liquidatable", "insolvent"]);

const headerSchema = z
  .object({
    epoch: whole,
    operatorSetId: whole,
    root: hex,
    cutHash: hex,
    riskVersion: whole,
    issuedAt: whole,
    expiresAt: whole,
  })
  .openapi("Header");

const attestationSchema = z
  .object({ header: headerSchema, chainRoot: hex, chainPath: z.array(hex), signatures: hex })
  .openapi("Attestation");

const instrumentFields = {
  instrument: hex,
  status: whole,
  mark: amount,
  notional: amount,
  charge: amount,
  settlement: amount,
  funding: amount,
  stressBps: whole,
};
const instrumentLeafSchema = z.object({ ...instrumentFields, prices: hex });

export const instrumentSchema = z.object(instrumentFields).openapi("Instrument") satisfies z.ZodType<InstrumentJson>;

export const tradeProofsSchema = z
  .object({
    attestation: attestationSchema,
    accounts: z.array(
      z.object({ account: hex, consumer: addressOut, status: whole, grossLimit: amount, allotment: hex }),
    ),
    instruments: z.array(instrumentLeafSchema),
    siblings: z.array(hex),
    steps: hex.openapi({ description: "One byte a step of the walk from the leaves to the chain's root." }),
  })
  .openapi("TradeProofs") satisfies z.ZodType<TradeProofsJson>;

export const instrumentProofSchema = z
  .object({ attestation: attestationSchema, leaf: instrumentLeafSchema, proof: z.array(hex) })
  .openapi("InstrumentProof") satisfies z.ZodType<InstrumentProofJson>;

export const withdrawalProofSchema = z
  .object({
    attestation: attestationSchema,
    leaf: z.object({ account: hex, vault: addressOut, asset: addressOut, approvedTotal: amount, exitTotal: amount }),
    proof: z.array(hex),
  })
  .openapi("WithdrawalProof") satisfies z.ZodType<WithdrawalProofJson>;

export const deleverageProofSchema = tradeProofsSchema
  .extend({
    leaf: z.object({ account: hex, consumer: addressOut, queue: z.array(hex) }),
    proof: z.array(hex).openapi({ description: "From the leaf of the queue to the chain's root." }),
  })
  .openapi("DeleverageProof") satisfies z.ZodType<DeleverageProofJson>;

const collateralSchema = z
  .object({
    eid: whole,
    vault: addressOut,
    asset: addressOut,
    underlying: hex,
    decimals: whole,
    held: amount,
    counted: amount,
    inFlight: amount,
    requestedTotal: amount,
    approvedTotal: amount,
    exitTotal: amount,
    withdrawnTotal: amount,
    value: amount,
  })
  .openapi("Collateral");

const portfolioSchema = z
  .object({
    eid: whole,
    consumer: addressOut,
    cash: amount,
    positions: z.array(z.object({ instrument: hex, size: amount, mark: amount, value: amount })),
    losses: z.array(amount),
    allotment: z.object({ status: statusName, grossLimit: amount, losses: z.array(amount) }).nullable(),
    postedEpoch: whole.nullable(),
  })
  .openapi("Portfolio");

export const accountSchema = z
  .object({
    account: hex,
    epoch: whole,
    status: statusName,
    collateral: z.array(collateralSchema),
    portfolios: z.array(portfolioSchema),
    values: z.array(amount),
    base: amount,
    worst: amount,
    worstScenario: whole,
    initialMargin: amount,
    maintenanceMargin: amount,
    concentration: amount,
  })
  .openapi("Account") satisfies z.ZodType<AccountJson>;

export const epochSchema = z
  .object({
    header: headerSchema,
    cut: z.array(z.object({ eid: whole, number: whole, hash: hex, timestampSeconds: whole })),
    chainRoots: z.array(z.object({ eid: whole, root: hex })),
    signers: z.array(addressOut),
    attested: z.boolean(),
    posted: z.array(z.object({ eid: whole, blockNumber: whole, transactionHash: hex })),
  })
  .openapi("Epoch") satisfies z.ZodType<EpochJson>;

const stage = z.object({ blockNumber: whole, transactionHash: hex, timestampSeconds: whole }).nullable();

export const messageSchema = z
  .object({
    guid: hex,
    payloadHash: hex,
    nonce: z.string(),
    srcEid: whole,
    dstEid: whole,
    sender: hex,
    receiver: hex,
    status: z.enum(["sent", "verified", "delivered", "failed"]),
    account: hex.nullable(),
    sent: stage,
    verified: stage,
    delivered: stage,
  })
  .openapi("Message") satisfies z.ZodType<MessageJson>;

export const chainSchema = z
  .object({
    eid: whole,
    chainId: whole,
    name: z.string(),
    hub: z.boolean(),
    contracts: z.object({
      endpoint: addressOut,
      attestations: addressOut,
      vault: addressOut.nullable(),
      consumers: z.array(addressOut),
      ledger: addressOut.nullable(),
      riskRegistry: addressOut.nullable(),
      operatorRegistry: addressOut.nullable(),
    }),
    head: whole,
    finalized: whole,
    indexed: whole,
    postedEpoch: whole.nullable(),
  })
  .openapi("Chain") satisfies z.ZodType<ChainJson>;

export const vaultLiquiditySchema = z
  .object({
    eid: whole,
    vault: addressOut,
    asset: addressOut,
    decimals: whole.nullable(),
    held: amount,
    requested: amount,
    approved: amount,
    exitable: amount,
  })
  .openapi("VaultLiquidity") satisfies z.ZodType<VaultLiquidityJson>;

export const liquidationSchema = z
  .object({
    eid: whole,
    consumer: addressOut,
    account: hex,
    epoch: whole,
    status: statusName,
    base: amount,
    maintenanceMargin: amount,
    cash: amount,
    positions: z.array(
      z.object({ instrument: hex, size: amount, mark: amount, notional: amount, active: z.boolean() }),
    ),
    gross: amount,
    grossLimit: amount,
    owed: amount,
    losses: z.array(amount),
    allotment: z.array(amount),
  })
  .openapi("Liquidation") satisfies z.ZodType<LiquidationJson>;

export const healthSchema = z
  .object({
    status: z.enum(["ok", "catching-up", "degraded"]),
    operator: addressOut,
    version: z.string(),
    epoch: whole.nullable(),
    chains: z.array(z.object({ eid: whole, lagBlocks: whole, ok: z.boolean(), problem: z.string().nullable() })),
  })
  .openapi("Health") satisfies z.ZodType<HealthJson>;
