import type { AccountJson } from "@plimsoll/protocol/wire";
import { address } from "./chains.ts";

/** An account as a node describes it: 1,000 USDC on alder, nothing traded. */
export const accountJson: AccountJson = {
  account: `0x${"ab".repeat(20)}${"00".repeat(12)}`,
  epoch: 3,
  status: "active",
  collateral: [
    {
      eid: 40001,
      vault: address("3"),
      asset: address("9"),
      underlying: `0x55534443${"00".repeat(28)}`,
      decimals: 6,
      held: "1000000000",
      counted: "1000000000",
      inFlight: "0",
      requestedTotal: "0",
      approvedTotal: "0",
      exitTotal: "0",
      withdrawnTotal: "0",
      value: "99500000000",
    },
  ],
  portfolios: [],
  values: ["99500000000", "99000000000"],
  base: "99500000000",
  worst: "99000000000",
  worstScenario: 1,
  initialMargin: "500000000",
  maintenanceMargin: "350000000",
  concentration: "0",
};
