import { expect, test } from "vitest";
import { openDatabase } from "./database.ts";
import { operatorSetAt, replacedSetsAt } from "./operators.ts";
import { operatorSets } from "./tables/attestation.ts";
import { stillInForce } from "./tables/columns.ts";
import { riskSettings } from "./tables/risk.ts";

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
    { id: 1, threshold: 2, members: [a, b], replacedAtSeconds: 200, lifetimeSeconds: 0 },
  ]);
  expect(operatorSetAt(database, cutAt(30))?.id).toBe(3);
  expect(replacedSetsAt(database, cutAt(30)).map(({ id, replacedAtSeconds }) => [id, replacedAtSeconds])).toEqual([
    [2, 300],
    [1, 200],
  ]);
  database.close();
});

test("behavior: the longest lifetime that an attestation of a replaced set may have had", () => {
  const database = openDatabase(":memory:");
  const day = 86_400;
  const replacedAtSeconds = 10 * day;
  for (const [id, timestampSeconds] of [
    [1, 0],
    [2, replacedAtSeconds],
  ] as const) {
    const row = { eid: 1, source: "registry" as const, logIndex: 0, id, block: 10 * id, threshold: 2, members: [a, b] };
    database.drizzle
      .insert(operatorSets)
      .values({ ...row, timestampSeconds } as never)
      .run();
  }
  const lifetimeOf = (told: readonly (readonly [atSeconds: number, attestationLifetimeSeconds: number])[]) => {
    database.drizzle.delete(riskSettings).run();
    for (const [index, [atSeconds, attestationLifetimeSeconds]] of told.entries()) {
      const setting = { kind: "margin", attestationLifetimeSeconds };
      const row = { eid: 1, kind: "margin", key: "", fromBlock: index, untilBlock: stillInForce, version: 1 };
      database.drizzle
        .insert(riskSettings)
        .values({ ...row, atSeconds, setting } as never)
        .run();
    }
    return replacedSetsAt(database, cutAt(20))[0]?.lifetimeSeconds;
  };
  expect(lifetimeOf([[0, 600]])).toBe(600);
  // Shortened a second before the set was replaced, and long before; lengthened afterwards.
  expect(
    lifetimeOf([
      [0, 3_000],
      [replacedAtSeconds - 1, 600],
    ]),
  ).toBe(3_000);
  expect(
    lifetimeOf([
      [0, 3_000],
      [replacedAtSeconds - day - 1, 600],
    ]),
  ).toBe(600);
  expect(
    lifetimeOf([
      [0, 60],
      [replacedAtSeconds - 9, 3_000],
      [replacedAtSeconds - 8, 600],
    ]),
  ).toBe(3_000);
  expect(
    lifetimeOf([
      [0, 600],
      [replacedAtSeconds + 1, 3_000],
    ]),
  ).toBe(600);
  database.close();
});
