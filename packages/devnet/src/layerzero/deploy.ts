import type { Eid } from "@plimsoll/protocol/ids";
import {
  type Address,
  concat,
  encodeAbiParameters,
  encodeFunctionData,
  type Hex,
  parseAbiParameters,
  zeroAddress,
} from "viem";
import type { TransactionBatch } from "../transactions.ts";
import { dvnAbi, executorAbi, priceFeedAbi, sendUlnAbi } from "./abi.ts";
import { layerZeroBytecode } from "./artifacts.ts";

/** LayerZero's contracts on one chain. */
export interface LayerZeroContracts {
  readonly endpoint: Address;
  readonly sendLibrary: Address;
  readonly receiveLibrary: Address;
  readonly priceFeed: Address;
  readonly treasury: Address;
  readonly executor: Address;
  readonly dvn: Address;
  /** What the DVN's signers name their DVN by. */
  readonly dvnVid: number;
}

/** @param dvnQuorum How many of `dvnSigners` have to sign what the DVN verifies. */
export interface LayerZeroOwners {
  readonly owner: Address;
  /** May make the DVN and the executor act. */
  readonly worker: Address;
  readonly dvnSigners: readonly Address[];
  readonly dvnQuorum: number;
}

/** In mainnet's EndpointV2 deployments: gas the send library grants the treasury, and the cap of its fee. */
const treasuryGasLimit = 1_000_000_000_000n;
const treasuryGasForFeeCap = 100_000n;
/** Wei of a native coin. */
const nativeDecimalsRate = 10n ** 18n;

/**
 * Deploys LayerZero V2 on one chain from its own published bytecode: endpoint, send and receive library, price feed,
 * treasury, executor and one DVN. What each must know of the other chains is `connectLayerZero`'s.
 *
 * @example
 * const layerZero = deployLayerZero(batch, 40001, owners);
 * await batch.settle();
 */
export function deployLayerZero(batch: TransactionBatch, eid: Eid, owners: LayerZeroOwners): LayerZeroContracts {
  const deploy = (contract: Parameters<typeof layerZeroBytecode>[0], constructorArguments: Hex = "0x") =>
    batch.deploy(contract, concat([layerZeroBytecode(contract), constructorArguments]));
  const dvnVid = priceFeedEid(eid);

  const endpoint = deploy(
    "EndpointV2",
    encodeAbiParameters(parseAbiParameters("uint32, address"), [eid, owners.owner]),
  );
  const sendLibrary = deploy(
    "SendUln302",
    encodeAbiParameters(parseAbiParameters("address, uint256, uint256"), [
      endpoint,
      treasuryGasLimit,
      treasuryGasForFeeCap,
    ]),
  );
  const receiveLibrary = deploy("ReceiveUln302", encodeAbiParameters(parseAbiParameters("address"), [endpoint]));
  const priceFeed = deploy("PriceFeed");
  const treasury = deploy("Treasury");
  const executor = deploy("Executor");
  const libraries = [sendLibrary, receiveLibrary];
  const feeLibraryArguments = encodeAbiParameters(parseAbiParameters("uint32, uint256"), [eid, nativeDecimalsRate]);
  const executorFeeLibrary = deploy("ExecutorFeeLib", feeLibraryArguments);
  const dvn = deploy(
    "DVN",
    encodeAbiParameters(parseAbiParameters("uint32, uint32, address[], address, address[], uint64, address[]"), [
      eid,
      dvnVid,
      libraries,
      priceFeed,
      owners.dvnSigners,
      BigInt(owners.dvnQuorum),
      [owners.owner, owners.worker],
    ]),
  );
  const dvnFeeLibrary = deploy("DVNFeeLib", feeLibraryArguments);

  batch.call(
    "PriceFeed.initialize",
    priceFeed,
    encodeFunctionData({ abi: priceFeedAbi, functionName: "initialize", args: [owners.owner] }),
  );
  batch.call(
    "Executor.initialize",
    executor,
    encodeFunctionData({
      abi: executorAbi,
      functionName: "initialize",
      args: [endpoint, zeroAddress, libraries, priceFeed, owners.owner, [owners.owner, owners.worker]],
    }),
  );
  batch.call(
    "SendUln302.setTreasury",
    sendLibrary,
    encodeFunctionData({ abi: sendUlnAbi, functionName: "setTreasury", args: [treasury] }),
  );
  batch.call(
    "Executor.setWorkerFeeLib",
    executor,
    encodeFunctionData({ abi: executorAbi, functionName: "setWorkerFeeLib", args: [executorFeeLibrary] }),
  );
  batch.call(
    "DVN.setWorkerFeeLib",
    dvn,
    encodeFunctionData({ abi: dvnAbi, functionName: "setWorkerFeeLib", args: [dvnFeeLibrary] }),
  );
  return { endpoint, sendLibrary, receiveLibrary, priceFeed, treasury, executor, dvn, dvnVid };
}

/** The price feed knows chains by LayerZero V1's ids; V2's are 30000 higher. A raw eid would quote a fee of zero. */
export function priceFeedEid(eid: Eid): number {
  return eid % 30_000;
}
