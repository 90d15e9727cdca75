import { parseUsd } from "@plimsoll/sdk/units/parseUsd";
import { expect, test } from "vitest";
import { noRecord } from "./chainRecord.ts";
import { drawReport } from "./picture.ts";
import type { CrashReport } from "./run.ts";

type Outcome = CrashReport["outcomes"][number];

function outcome(kind: string, leverage: number, discount: string, isolated: string): Outcome {
  return {
    member: { kind, leverage },
    collateral: parseUsd("10000"),
    record: { ...noRecord, discount: parseUsd(discount) },
    isolated: { discount: parseUsd(isolated), deficit: 0n },
  } as unknown as Outcome;
}

const steps = [117, 87, 110].map((price, index) => ({
  ...{ hour: `2025-10-10T2${index}:00Z`, minute: 0, btc: BigInt(price), eth: BigInt(price) },
  listed: index === 1 ? [{ account: "0x01", status: "liquidatable" }] : [],
})) as unknown as CrashReport["steps"];
const outcomes = [
  outcome("netted", 5.6, "0", "50"),
  outcome("long", 3.4, "20", "25"),
  outcome("long", 3.4, "40", "25"),
];

/** Heights of a colour's bars, the legend's square left out. */
function bars(picture: string, color: string): number[] {
  const drawn = [...picture.matchAll(/<rect [^>]*height="([\d.]+)" fill="(#\w+)"\/>/g)];
  return drawn.filter(([, height, fill]) => fill === color && height !== "10").map(([, height]) => Number(height));
}

test("default: prices from below the lowest, who was listed at which, and losses by leverage", () => {
  const picture = drawReport({ steps, outcomes });
  expect(picture).toContain(">70 %<");
  expect(picture).not.toContain(">60 %<");
  expect(picture.indexOf(">long 3.4x<")).toBeLessThan(picture.indexOf(">netted 5.6x<"));
  expect(bars(picture, "#c77800")).toEqual([0, 190, 0]);
  // 30, 0 and 25, 50 basis points on an axis to 50.
  expect(bars(picture, "#1f5fbf")).toEqual([114, 0]);
  expect(bars(picture, "#c3262b")).toEqual([0, 0, 0, 95, 190]);
});

test("behavior: a run without steps or accounts is an empty picture", () => {
  expect(drawReport({ steps: [], outcomes: [] })).not.toContain("NaN");
});
