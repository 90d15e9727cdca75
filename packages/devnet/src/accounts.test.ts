import { privateKeyToAddress } from "viem/accounts";
import { expect, test } from "vitest";
import { developmentAccounts } from "./accounts.ts";
import { OperatorCountInvalid } from "./errors.ts";

test("default: nobody shares an account, and every key is its address's", () => {
  const { dvnSigners, operators, ...named } = developmentAccounts(8);
  const everybody = [...Object.values(named), ...dvnSigners, ...operators];
  expect(new Set(everybody.map(({ address }) => address)).size).toBe(everybody.length);
  for (const { address, privateKey } of everybody) expect(privateKeyToAddress(privateKey)).toBe(address);
});

test.each([0, 9, 2.5])("error: OperatorCountInvalid for %s", (count) => {
  expect(() => developmentAccounts(count)).toThrow(OperatorCountInvalid);
});
