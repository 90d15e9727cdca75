import type { Eid } from "@plimsoll/protocol/ids";
import { encodeFunctionData, parseGwei } from "viem";
import type { TransactionBatch } from "../transactions.ts";
import { dvnAbi, endpointAbi, executorAbi, priceFeedAbi, receiveUlnAbi, sendUlnAbi } from "./abi.ts";
import { type LayerZeroContracts, priceFeedEid } from "./deploy.ts";

/** How many blocks of the source chain have to follow a packet's before it may be verified. */
export const confirmations = 2;

const maxMessageSize = 10_000;
const twentyPercentPremiumBps = 12_000;
/** Gas that the DVN's and the executor's own transactions cost besides the receiver's. */
const dvnGas = 200_000n;
const lzReceiveBaseGas = 80_000n;
const lzComposeBaseGas = 60_000n;
const mostNativeValue = 10n ** 18n;
/** 1:1, in the price feed's denominator: the same coin pays on every chain. */
const priceRatio = 10n ** 20n;
const gasPriceWei = parseGwei("1");
const gasPerByte = 16;

/**
 * Tells one chain's LayerZero contracts of the other chains: libraries, fees, and the defaults that every OApp uses
 * unless it says otherwise (our one DVN, our executor, two confirmations).
 *
 * @example
 * connectLayerZero(batch, layerZero, [40002, 40003]);
 * await batch.settle();
 */
export function connectLayerZero(batch: TransactionBatch, contracts: LayerZeroContracts, others: readonly Eid[]): void {
  const { endpoint, sendLibrary, receiveLibrary, priceFeed, executor, dvn } = contracts;
  const ulnConfigs = others.map((eid) => ({
    eid,
    config: {
      confirmations: BigInt(confirmations),
      requiredDVNCount: 1,
      optionalDVNCount: 0,
      optionalDVNThreshold: 0,
      requiredDVNs: [dvn],
      optionalDVNs: [],
    },
  }));

  batch.call(
    "PriceFeed.setPrice",
    priceFeed,
    encodeFunctionData({
      abi: priceFeedAbi,
      functionName: "setPrice",
      args: [
        others.map((eid) => ({
          eid: priceFeedEid(eid),
          price: { priceRatio, gasPriceInUnit: gasPriceWei, gasPerByte },
        })),
      ],
    }),
  );
  batch.call(
    "DVN.setDstConfig",
    dvn,
    encodeFunctionData({
      abi: dvnAbi,
      functionName: "setDstConfig",
      args: [
        others.map((dstEid) => ({
          dstEid,
          gas: dvnGas,
          multiplierBps: twentyPercentPremiumBps,
          floorMarginUSD: 0n,
        })),
      ],
    }),
  );
  batch.call(
    "Executor.setDstConfig",
    executor,
    encodeFunctionData({
      abi: executorAbi,
      functionName: "setDstConfig",
      args: [
        others.map((dstEid) => ({
          dstEid,
          lzReceiveBaseGas,
          lzComposeBaseGas,
          multiplierBps: twentyPercentPremiumBps,
          floorMarginUSD: 0n,
          nativeCap: mostNativeValue,
        })),
      ],
    }),
  );
  batch.call(
    "SendUln302.setDefaultUlnConfigs",
    sendLibrary,
    encodeFunctionData({ abi: sendUlnAbi, functionName: "setDefaultUlnConfigs", args: [ulnConfigs] }),
  );
  batch.call(
    "SendUln302.setDefaultExecutorConfigs",
    sendLibrary,
    encodeFunctionData({
      abi: sendUlnAbi,
      functionName: "setDefaultExecutorConfigs",
      args: [others.map((eid) => ({ eid, config: { maxMessageSize, executor } }))],
    }),
  );
  batch.call(
    "ReceiveUln302.setDefaultUlnConfigs",
    receiveLibrary,
    encodeFunctionData({ abi: receiveUlnAbi, functionName: "setDefaultUlnConfigs", args: [ulnConfigs] }),
  );
  for (const library of [sendLibrary, receiveLibrary]) {
    batch.call(
      "EndpointV2.registerLibrary",
      endpoint,
      encodeFunctionData({ abi: endpointAbi, functionName: "registerLibrary", args: [library] }),
    );
  }
  for (const eid of others) {
    batch.call(
      "EndpointV2.setDefaultSendLibrary",
      endpoint,
      encodeFunctionData({ abi: endpointAbi, functionName: "setDefaultSendLibrary", args: [eid, sendLibrary] }),
    );
    batch.call(
      "EndpointV2.setDefaultReceiveLibrary",
      endpoint,
      encodeFunctionData({
        abi: endpointAbi,
        functionName: "setDefaultReceiveLibrary",
        args: [eid, receiveLibrary, 0n],
      }),
    );
  }
}
