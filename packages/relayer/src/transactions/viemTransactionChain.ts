import {
  type Address,
  type Client,
  createClient,
  createPublicClient,
  defineChain,
  type EIP1193RequestFn,
  fallback,
  type Hex,
  http,
  keccak256,
  type LocalAccount,
  type PublicClient,
  TransactionReceiptNotFoundError,
} from "viem";
import { broadcastErrorOf } from "./broadcastError.ts";
import type { Broadcast, TransactionChain } from "./chain.ts";
import { BroadcastFailedError } from "./errors.ts";

export interface ViemTransactionChainOptions {
  readonly eid: number;
  readonly name: string;
  readonly chainId: number;
  readonly rpcUrls: readonly string[];
  /** The chain's own tag, or blocks below the head. */
  readonly finality: "finalized" | { readonly depth: number };
  /** Pays the gas. */
  readonly account: Pick<LocalAccount, "address" | "signTransaction">;
}

const timeoutMs = 10_000;
/** What counts when nodes disagree: one that has it is enough. */
const byWeight: readonly Broadcast[] = ["accepted", "nonce-too-low", "underpriced", "funds", "rejected"];

/** Reads one chain, from its first endpoint that answers. */
export function chainReader({
  chainId,
  name,
  rpcUrls,
}: Pick<ViemTransactionChainOptions, "chainId" | "name" | "rpcUrls">): PublicClient {
  const chain = defineChain({
    id: chainId,
    name,
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: rpcUrls } },
  });
  const transport = fallback(rpcUrls.map((url) => http(url, { retryCount: 1, timeout: timeoutMs })));
  return createPublicClient({ chain, transport });
}

/** A chain behind JSON-RPC. What is sent goes to every endpoint: pools forget, and some never pass on. */
export function createViemTransactionChain(options: ViemTransactionChainOptions): TransactionChain {
  const { eid, name, chainId, finality, account } = options;
  const reader = chainReader(options);
  const nodes = options.rpcUrls.map((url) =>
    createClient({ transport: http(url, { retryCount: 0, timeout: timeoutMs }) }),
  );
  const address = account.address.toLowerCase() as Address;

  const finalizedNumber = async (): Promise<bigint> => {
    if (finality === "finalized") return (await reader.getBlock({ blockTag: "finalized" })).number;
    const { number } = await reader.getBlock({ blockTag: "latest" });
    return number > BigInt(finality.depth) ? number - BigInt(finality.depth) : 0n;
  };

  return {
    eid,
    name,
    address,
    async transactionCount(at) {
      const block = at === "finalized" ? { blockNumber: await finalizedNumber() } : { blockTag: at };
      return await reader.getTransactionCount({ address, ...block });
    },
    finalizedNumber: async () => Number(await finalizedNumber()),
    async feeMarket() {
      const block = await reader.getBlock({ blockTag: "latest" });
      const priorityFeePerGas = await reader.estimateMaxPriorityFeePerGas();
      return { baseFeePerGas: block.baseFeePerGas ?? 0n, priorityFeePerGas, headNumber: Number(block.number) };
    },
    balanceWei: () => reader.getBalance({ address }),
    async sign({ nonce, to, data, valueWei, gasLimit, maxFeePerGas, maxPriorityFeePerGas }) {
      const raw = await account.signTransaction({
        ...{ type: "eip1559", chainId, nonce, to, data, value: valueWei, gas: gasLimit },
        ...{ maxFeePerGas, maxPriorityFeePerGas },
      });
      return { hash: keccak256(raw), raw };
    },
    async broadcast(raw) {
      const said = await Promise.allSettled(nodes.map((node) => sendTo(node, raw)));
      const answers = said.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      const best = byWeight.find((one) => answers.includes(one));
      if (best !== undefined) return best;
      throw new BroadcastFailedError(name, said.find((one) => one.status === "rejected")?.reason);
    },
    async inclusion(hash) {
      try {
        const receipt = await reader.getTransactionReceipt({ hash });
        const { blockNumber, blockHash, gasUsed, effectiveGasPrice, status } = receipt;
        const feeWei = gasUsed * effectiveGasPrice + dataFee(receipt);
        const succeeded = status === "success";
        return { hash, blockNumber: Number(blockNumber), blockHash, succeeded, gasUsed: Number(gasUsed), feeWei };
      } catch (error) {
        if (error instanceof TransactionReceiptNotFoundError) return null;
        throw error;
      }
    },
  };
}

async function sendTo(node: Client, raw: Hex): Promise<Broadcast> {
  try {
    await (node.request as EIP1193RequestFn)({ method: "eth_sendRawTransaction", params: [raw] });
    return "accepted";
  } catch (error) {
    const meaning = broadcastErrorOf(error);
    if (meaning === null) throw error;
    return meaning;
  }
}

/** What OP-stack chains charge for the data on top of the gas; others have no such field. */
function dataFee(receipt: object): bigint {
  const fee = "l1Fee" in receipt ? receipt.l1Fee : undefined;
  return typeof fee === "string" && fee.startsWith("0x") ? BigInt(fee) : 0n;
}
