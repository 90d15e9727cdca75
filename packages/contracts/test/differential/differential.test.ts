import { randomInt } from "node:crypto";
import { portfolioValuesE16 } from "@plimsoll/risk/portfolio";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Anvil, startAnvil } from "./anvil.ts";
import { caseProofs, checkedCase, encodedCase, valuedCase } from "./encode.ts";
import { expectedHashes, expectedVerdict, refusalOf } from "./expected.ts";
import { deployHarness, type Harness } from "./harness.ts";
import { Random } from "./random.ts";
import { randomCase } from "./randomCase.ts";

const caseCount = 10_000;
const batchSize = 100;
const batches = caseCount / batchSize;
const timeoutMs = 300_000;

const seed = Number(process.env["PLIMSOLL_DIFFERENTIAL_SEED"] ?? randomInt(2 ** 31));

let anvil: Anvil;
let harness: Harness;

beforeAll(async () => {
  console.log(`${caseCount} portfolios; repeat with PLIMSOLL_DIFFERENTIAL_SEED=${seed}`);
  anvil = await startAnvil();
  harness = await deployHarness(anvil.rpcUrl);
}, timeoutMs);

afterAll(() => anvil?.stop());

/** A batch is drawn from a seed of its own, so that one that fails can be run without those before it. */
async function ask(batch: number) {
  const random = new Random(seed + batch);
  const { address, timestamp, client, contract } = harness;
  const cases = Array.from({ length: batchSize }, () => {
    const c = randomCase(random, address);
    return { c, proofs: caseProofs(c, address, random), valued: valuedCase(c) };
  });
  const [hashes, outcomes, values] = await Promise.all([
    client.readContract({
      ...contract,
      functionName: "hashAll",
      args: [cases.map(({ c, proofs }) => encodedCase(c, proofs))],
    }),
    client.readContract({
      ...contract,
      functionName: "judgeAll",
      args: [cases.map(({ c }) => checkedCase(c, address, timestamp))],
    }),
    client.readContract({ ...contract, functionName: "valueAll", args: [cases.map(({ valued }) => valued.argument)] }),
  ]);
  return cases.map((each, i) => ({ ...each, hashes: hashes[i], outcome: outcomes[i], values: values[i] }));
}

type Answered = Awaited<ReturnType<typeof ask>>[number];

/** Compares one case with what TypeScript says, and tells what kind of case it was. */
function compare({ c, proofs, valued, hashes, outcome, values }: Answered, name: string): string[] {
  const expected = expectedHashes(c, proofs, harness.chainId, harness.address);
  expect(hashes, name).toEqual(expected);

  const verdict = expectedVerdict(c);
  const kept = verdict.allowed ? c.after : c.before;
  const size = kept.positions.get(c.changed) ?? 0n;
  expect(outcome, name).toEqual({ refusal: refusalOf(verdict, c.account), cash: kept.cash, size });

  expect(values, name).toEqual(portfolioValuesE16(c.after.cash, valued.legs, c.scenarios));
  const proven = expected.marginProven && expected.withdrawalProven && expected.chainProven;
  return [verdict.allowed ? "allowed" : verdict.reason, proven ? "proven" : "spoilt"];
}

test(
  "leaf hashes, proofs, digests, verdicts and values agree",
  async () => {
    const seen = new Map<string, number>();
    let next = ask(0);
    for (let batch = 0; batch < batches; batch++) {
      const answered = await next;
      // The chain works on the next batch while this one is compared.
      if (batch + 1 < batches) next = ask(batch + 1);
      answered.forEach((each, i) => {
        for (const kind of compare(each, `seed ${seed}, batch ${batch}, case ${i}`)) {
          seen.set(kind, (seen.get(kind) ?? 0) + 1);
        }
      });
    }
    console.log(Object.fromEntries(seen));
    // A comparison of refusals alone, or of none, would prove little.
    const kinds = [
      "allowed",
      "allotment-exceeded",
      "only-reductions-allowed",
      "gross-limit-exceeded",
      "instrument-reduce-only",
    ];
    for (const kind of [...kinds, "proven", "spoilt"]) expect(seen.get(kind), kind).toBeGreaterThan(caseCount / 50);
  },
  timeoutMs,
);
