import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Address, createTestClient, type Hex, http, parseAbi, publicActions, walletActions } from "viem";
import { anvil as anvilChain } from "viem/chains";

/** What `test/support/DifferentialHarness.sol` answers to. `judgeAll` writes, but is only ever called. */
const harnessAbi = parseAbi([
  "struct Header { uint64 epoch; uint32 operatorSetId; bytes32 root; bytes32 cutHash; uint32 riskVersion; uint64 issuedAt; uint64 expiresAt; }",
  "struct Proven { bytes32 root; bytes32[] proof; }",
  "struct Order { bytes32 account; bytes32 instrument; int128 size; uint64 limitPrice; uint64 expiry; uint64 series; uint64 salt; }",
  "struct AccountLeaf { bytes32 account; address consumer; uint8 status; uint128 grossLimit; bytes allotment; }",
  "struct WithdrawalLeaf { bytes32 account; address vault; address asset; uint128 approvedTotal; uint128 exitTotal; }",
  "struct DeleverageLeaf { bytes32 account; address consumer; bytes32[] queue; }",
  "struct InstrumentLeaf { bytes32 instrument; uint8 status; uint64 mark; uint64 notional; uint64 charge; uint64 settlement; int64 funding; uint32 stressBps; bytes prices; }",
  "struct MarginProofs { AccountLeaf[] accounts; InstrumentLeaf[] instruments; bytes32[] siblings; bytes steps; }",
  "struct Encoded { Header header; bytes32 salt; uint32 eid; Proven chain; Order order; bytes32 chainRoot; WithdrawalLeaf withdrawal; Proven withdrawalProof; DeleverageLeaf deleverage; Proven deleverageProof; MarginProofs margin; }",
  "struct Hashes { bytes32[] accounts; bytes32 withdrawal; bytes32 chainRoot; bytes32[] instruments; bytes32 headerDigest; bytes32 orderDigest; bool marginProven; bool withdrawalProven; bytes32 deleverage; bool deleverageProven; bool chainProven; }",
  "struct PortfolioChange { bytes32 account; bytes32 instrument; int128 sizeChange; int128 cashChange; }",
  "struct Step { bytes32 chainRoot; uint64 epoch; uint64 expiresAt; PortfolioChange[] changes; MarginProofs proofs; }",
  "struct Checked { Step opening; Step judged; }",
  "struct Outcome { bytes refusal; int128 cash; int128 size; }",
  "struct Valued { int256 fixedE16; uint256 scenarios; int256[] sizes; bytes[] prices; }",
  "function hashAll(Encoded[] cases) view returns (Hashes[])",
  "function judgeAll(Checked[] cases) view returns (Outcome[])",
  "function valueAll(Valued[] cases) pure returns (int256[][])",
]);

const artifact = join(import.meta.dirname, "../../out/DifferentialHarness.sol/DifferentialHarness.json");

/** Deploys the harness; afterwards everything is a call. */
export async function deployHarness(rpcUrl: string) {
  const client = createTestClient({
    mode: "anvil",
    chain: anvilChain,
    transport: http(rpcUrl, { retryCount: 0, timeout: 60_000 }),
    pollingInterval: 50,
  })
    .extend(publicActions)
    .extend(walletActions);
  const bytecode: Hex = JSON.parse(readFileSync(artifact, "utf8")).bytecode.object;
  const [account] = await client.getAddresses();
  if (account === undefined) throw new TypeError("anvil has no account");
  const hash = await client.deployContract({ abi: harnessAbi, bytecode, account });
  const { contractAddress } = await client.waitForTransactionReceipt({ hash });
  if (!contractAddress) throw new TypeError("a deployment has an address");
  const chainId = await client.getChainId();
  const { timestamp } = await client.getBlock();
  const address = contractAddress.toLowerCase() as Address;
  return { client, address, contract: { address, abi: harnessAbi }, chainId, timestamp };
}

export type Harness = Awaited<ReturnType<typeof deployHarness>>;
