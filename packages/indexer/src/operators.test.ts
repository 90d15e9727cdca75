import { expect, test } from "vitest";
import { openDatabase } from "./database.ts";
import { operatorSetAt, replacedSetsAt } from "./operators.ts";
import { operatorSets } from "./tables/attestation.ts";

const [a, b, c] = ["a", "b", "c"].map((digit) => `0x${digit.repeat(40)}` as const);
const hash = `0x${"11".repeat(32)}` as const;
const cutAt = (number: number) => [{ eid: 1, number, hash, timestampSeconds: 0 }];

test("default: sets that were replaced, each with the time of the one after it", () => {
  const database = openDatabase(":memory:");
  const row = { eid: 1, source: "registry" as const, logIndex: 0 };
  const sets = [
    { id: 1, block: 10, threshold: 2, members: [a, b], timestampSeconds: 100 },
    { id: 2, block: 20, threshold: 2, members: [a, b, c], timestampSeconds: 200 },
    { id: 3, block: 30, threshold: 2, members: [b, c], timestampSeconds: 300 },
  ];
  for (const set of sets)
    database.drizzle
      .insert(operatorSets)
      .values({ ...row, ...set } as never)
      .run();
  // As a chain installs it, later.
  const installed = { ...row, ...sets[0], eid: 2, source: "chain" as const, block: 5 };
  database.drizzle
    .insert(operatorSets)
    .values(installed as never)
    .run();

  expect(replacedSetsAt(database, cutAt(9))).toEqual([]);
  expect(replacedSetsAt(database, cutAt(19))).toEqual([]);
  expect(replacedSetsAt(database, cutAt(25))).toEqual([
    { id: 1, threshold: 2, members: [a, b], replacedAtSeconds: 200 },
  ]);
  expect(operatorSetAt(database, cutAt(30))?.id).toBe(3);
  expect(replacedSetsAt(database, cutAt(30)).map(({ id, replacedAtSeconds }) => [id, replacedAtSeconds])).toEqual([
    [2, 300],
    [1, 200],
  ]);
  database.close();
});
