// A node's writes, one after the other and as fast as they go, until somebody kills it: epochs signed, transactions
// given a nonce and followed into a block, blocks indexed and taken back. What would then leave the process is printed.
import { writeSync } from "node:fs";
import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import { openDatabase } from "@plimsoll/indexer/database";
import { chainReaders } from "@plimsoll/indexer/decode/event";
import type { BlockWithLogs } from "@plimsoll/indexer/rpc/range";
import { readCheckpoint, storedBlock } from "@plimsoll/indexer/store/checkpoint";
import { commitBlocks, commitRewind } from "@plimsoll/indexer/store/commit";
import { ourContracts } from "@plimsoll/indexer/store/ours";
import { encodeAbiParameters, encodeEventTopics, type Hex, keccak256, numberToHex, zeroAddress, zeroHash } from "viem";
import { createProtocol } from "../../src/quorum/createProtocol.ts";
import { migrateStore } from "../../src/store/migrate.ts";
import { createSqliteStore } from "../../src/store/sqliteStore.ts";
import { createSqliteTransactionStore } from "../../src/transactions/sqliteTransactionStore.ts";
import { chain, eid, hashOf, me, type Told } from "./durability.ts";

const [path = "", atomic = "atomic"] = process.argv.slice(2);
const database = openDatabase(path);
migrateStore(database);
if (atomic !== "atomic") {
  // Broken on purpose: every statement is a transaction of its own, as when one write is split over two.
  const run = <Run>(body: Run) => Object.assign(body as object, { deferred: body, immediate: body, exclusive: body });
  Object.assign(database.sqlite, { transaction: run });
}
const store = createSqliteStore(database.drizzle, createProtocol(zeroHash));
const transactions = createSqliteTransactionStore(database.drizzle, eid);
const signature: Hex = `0x${"5a".repeat(65)}`;

/** What leaves the process. A pipe keeps it whatever becomes of us. */
const tell = (told: Told) => writeSync(1, `${JSON.stringify(told)}\n`);

function signNext(): void {
  const epoch = store.highestSigned() + 1;
  const cut = [{ eid, number: epoch, hash: hashOf(epoch, 0), timestampSeconds: epoch }];
  const header = {
    ...{ epoch, operatorSetId: 1, root: hashOf(epoch, 1), cutHash: zeroHash, riskVersion: 1 },
    ...{ issuedAt: epoch, expiresAt: epoch + 120 },
  };
  const digest = hashOf(epoch, 2);
  const proposal = { header, cut, earlier: [], signature };
  const chainRoots = new Map([[eid, zeroHash]]);
  const content = { header, cut, instruments: new Map(), chains: new Map(), chainRoots };
  store.recordSigned({ digest, proposal, proposer: me, epoch: content }, { signer: me, signature }, epoch);
  tell({ did: "signed", epoch, digest });
}

function sendNext(): void {
  const nonce = (transactions.highestNonce() ?? -1) + 1;
  const hash = hashOf(nonce, 3);
  const fees = { valueWei: 0n, gasLimit: 21_000n, maxFeePerGas: 2n, maxPriorityFeePerGas: 1n };
  const intent = { key: `post:${nonce}`, purpose: "post", to: zeroAddress, data: "0x", expiresAtMs: null } as const;
  const attempt = transactions.record({
    nonce,
    ...intent,
    ...fees,
    hash,
    raw: "0x",
    recordedAtMs: 0,
    recordedAtBlock: 0,
  });
  tell({ did: "sent", nonce, hash });
  transactions.markSent(attempt, 1);
  if (nonce % 3 === 0) transactions.record({ ...attempt, hash: hashOf(nonce, 4) });
  const block = { blockNumber: nonce, blockHash: hashOf(nonce, 0), succeeded: true, gasUsed: 1, feeWei: 1n };
  transactions.markMined(nonce, { hash, ...block }, 2);
  if (nonce % 2 === 0) transactions.markFinal(nonce);
}

const [ours, readers] = [ourContracts([chain]), chainReaders(chain, [])];

/** Two blocks, each with a deposit that makes the account's total its own number; now and then the newest is taken back. */
function indexNext(fork: number): void {
  const indexed = readCheckpoint(database, eid)?.indexedNumber ?? -1;
  if (indexed > 4 && fork % 5 === 0) commitRewind(database, eid, indexed - 1);
  const from = (readCheckpoint(database, eid)?.indexedNumber ?? -1) + 1;
  const blocks: BlockWithLogs[] = [];
  for (let number = from; number < from + 2; number++) {
    const parentHash = blocks.at(-1)?.header.hash ?? storedBlock(database, eid, from - 1)?.hash ?? zeroHash;
    const hash = keccak256(numberToHex(number * 1_000_000 + fork));
    blocks.push({
      header: { number, hash, parentHash, timestamp: number, logsBloom: "0x" },
      logs: [deposit(number, hash)],
    });
  }
  const finalized = blocks[0]?.header ?? null;
  commitBlocks({ database, chain, ours, readers, blocks, feedBlocks: [], finalized });
  tell({ did: "indexed", number: from + 1 });
}

function deposit(number: number, blockHash: Hex) {
  const args = { account: zeroHash, asset: zeroAddress };
  const topics = encodeEventTopics({ abi: collateralVaultAbi, eventName: "Deposited", args }) as Hex[];
  const data = encodeAbiParameters(
    [{ type: "address" }, { type: "uint128" }, { type: "uint128" }, { type: "uint64" }],
    [zeroAddress, 1n, BigInt(number), BigInt(number)],
  );
  const address = chain.contracts.vault ?? zeroAddress;
  return { address, topics, data, blockNumber: number, blockHash, transactionHash: blockHash, logIndex: 0 };
}

for (let turn = 0; ; turn++) {
  signNext();
  sendNext();
  indexNext(turn);
}
