import type { Address } from "viem";
import { expect, test } from "vitest";
import { timingFor } from "./context.ts";
import { firstGiven } from "./firstGiven.ts";

const timing = timingFor(3_000, 1_000);
const [one, two, three] = (["1", "2", "3"] as const).map((digit): Address => `0x${digit.repeat(40)}`) as [
  Address,
  Address,
  Address,
];
const never = new Promise<never>(() => {});

function asking(answers: Record<Address, () => Promise<string | null>>) {
  const asked: Address[] = [];
  const waits: { ms: number; over: () => void }[] = [];
  const sleep = (ms: number) => new Promise<void>((over) => waits.push({ ms, over }));
  const given = firstGiven({ clock: { nowMs: () => 0, sleep }, timing }, Object.keys(answers) as Address[], (peer) => {
    asked.push(peer);
    return answers[peer]?.() ?? never;
  });
  return { asked, waits, given };
}

test("default: the first that has it gives it, and nobody else is asked", async () => {
  const { asked, given } = asking({ [one]: async () => "it", [two]: async () => "it too" });
  expect(await given).toBe("it");
  expect(asked).toEqual([one]);
});

test("behavior: the next is asked at once after one that has nothing, or fails", async () => {
  const { asked, given } = asking({
    [one]: async () => null,
    [two]: () => Promise.reject(new TypeError("broken")),
    [three]: async () => "it",
  });
  expect(await given).toBe("it");
  expect(asked).toEqual([one, two, three]);
});

test("behavior: and beside one that takes longer than usual", async () => {
  const { asked, waits, given } = asking({ [one]: () => never, [two]: async () => "it" });
  expect(asked).toEqual([one]);
  expect(waits.map(({ ms }) => ms)).toEqual([timing.peerTimeoutMs]);
  waits[0]?.over();
  expect(await given).toBe("it");
});

test("behavior: nothing when nobody has it, or nobody is there", async () => {
  expect(await asking({ [one]: async () => null, [two]: async () => null }).given).toBeNull();
  expect(await asking({}).given).toBeNull();
});
