import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import { solvencyAttestationsAbi } from "@plimsoll/contracts/abi/SolvencyAttestations";
import { testTokenAbi } from "@plimsoll/contracts/abi/TestToken";
import type { DevnetAccount } from "@plimsoll/devnet/accounts";
import type { Devnet } from "@plimsoll/devnet/devnet";
import { makeAccountId } from "@plimsoll/protocol/account";
import { joinSignatures, signHeader } from "@plimsoll/protocol/attestation";
import type { Epoch } from "@plimsoll/protocol/epoch";
import type { InstrumentId } from "@plimsoll/protocol/ids";
import { packInt64 } from "@plimsoll/protocol/packed";
import { type ProvableEpoch, proveChain, proveMargin } from "@plimsoll/protocol/proofs";
import type { Abi, Address } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { type ChainConfig, chainsConfigSchema } from "../../src/config.ts";

/** What somebody who wants to index the devnet writes down. */
export function devnetConfig({ deployment }: Devnet): ChainConfig[] {
  return chainsConfigSchema.parse(
    deployment.chains.map(({ rpcUrl, layerZero: _, ...chain }) => ({ ...chain, rpcUrls: [rpcUrl], pollMs: 100 })),
  );
}

/** The devnet's chain of that name, with its contracts. */
export function on(devnet: Devnet, name: string) {
  const chain = devnet.chains.find((candidate) => candidate.name === name);
  const described = devnet.deployment.chains.find((candidate) => candidate.name === name);
  if (chain === undefined || described === undefined) throw new TypeError(`no chain ${name}`);
  const { client, eid } = chain;
  /** Sends a call and waits until it is mined. */
  async function send(from: Address, to: Address | null, abi: Abi, functionName: string, args: unknown[], value = 0n) {
    const call = { abi, functionName, args, value, account: from, chain: null, gas: 5_000_000n };
    const hash = await client.writeContract({ ...call, address: to ?? "0x" });
    const { status } = await client.waitForTransactionReceipt({ hash, pollingInterval: 50 });
    if (status !== "success") throw new TypeError(`${functionName} on ${name} reverted`);
  }
  return { client, eid, send, contracts: described.contracts };
}

export async function deposit(devnet: Devnet, name: string, owner: Address, symbol: string, amount: bigint) {
  const { client, eid, send, contracts } = on(devnet, name);
  const token = devnet.deployment.tokens.find((candidate) => candidate.eid === eid && candidate.symbol === symbol);
  const [vault, asset] = [contracts.vault ?? "0x", token?.address ?? "0x"];
  await send(owner, asset, testTokenAbi, "approve", [vault, amount]);
  const account = makeAccountId(owner);
  const { nativeFee } = await client.readContract({
    address: vault,
    abi: collateralVaultAbi,
    functionName: "quoteReport",
    args: [account],
  });
  await send(owner, vault, collateralVaultAbi, "deposit", [account, asset, amount], nativeFee);
  return { account, asset };
}

/** Has two operators sign an epoch, and posts it on a chain. */
export async function post(devnet: Devnet, name: string, epoch: Epoch, from: ProvableEpoch): Promise<void> {
  const { eid, send, contracts } = on(devnet, name);
  const { header } = epoch;
  const signatures = await Promise.all(
    devnet.accounts.operators
      .slice(0, 2)
      .map(({ privateKey }) => signHeader(header, devnet.deployment.domainSalt, privateKey)),
  );
  const attestation = { header, ...proveChain(from, eid), signatures: joinSignatures(signatures) };
  await send(devnet.accounts.worker.address, contracts.attestations, solvencyAttestationsAbi, "post", [attestation]);
}

/** Fills a maker's sale of `sizeE8` at `priceE8` to a taker. */
export async function trade(
  devnet: Devnet,
  name: string,
  from: ProvableEpoch,
  [maker, taker]: readonly [DevnetAccount, DevnetAccount],
  { instrument, sizeE8, priceE8 }: { instrument: InstrumentId; sizeE8: bigint; priceE8: bigint },
): Promise<void> {
  const { client, eid, send, contracts } = on(devnet, name);
  const market = contracts.consumers[0] ?? "0x";
  const domain = {
    name: "Plimsoll Market",
    version: "1",
    chainId: await client.getChainId(),
    verifyingContract: market,
  };
  const sign = async ({ address, privateKey }: DevnetAccount, size: bigint) => {
    const message = {
      ...{
        account: makeAccountId(address),
        instrument,
        size,
        limitPrice: priceE8,
        expiry: 2n ** 40n,
        series: 0n,
        salt: 1n,
      },
    };
    const typed = { domain, types: orderTypes, primaryType: "Order", message } as const;
    return [message, await privateKeyToAccount(privateKey).signTypedData(typed)] as const;
  };
  const [makerOrder, makerSignature] = await sign(maker, -sizeE8);
  const [takerOrder, takerSignature] = await sign(taker, sizeE8);
  const proofs = proveMargin(from, eid, market.toLowerCase() as Address, {
    accounts: [maker, taker].map(({ address }) => makeAccountId(address)),
    instruments: [instrument],
  });
  const fill = { maker: makerOrder, makerSignature, taker: takerOrder, takerSignature, size: sizeE8 };
  await send(devnet.accounts.worker.address, market, derivativeMarketAbi, "trade", [
    [fill],
    {
      ...proofs,
      accounts: proofs.accounts.map((leaf) => ({ ...leaf, allotment: packInt64(leaf.allotment) })),
      instruments: proofs.instruments.map((leaf) => ({ ...leaf, prices: packInt64(leaf.prices) })),
    },
  ]);
}

const orderTypes = {
  Order: [
    { name: "account", type: "bytes32" },
    { name: "instrument", type: "bytes32" },
    { name: "size", type: "int128" },
    { name: "limitPrice", type: "uint64" },
    { name: "expiry", type: "uint64" },
    { name: "series", type: "uint64" },
    { name: "salt", type: "uint64" },
  ],
} as const;
