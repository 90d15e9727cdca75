import assert from "node:assert/strict";
import { type Address, bytesToHex, type Hex } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { OperatorCountInvalid } from "./errors.ts";

/**
 * The mnemonic of every development node there is. Whoever sends value to one of its addresses on a real chain loses
 * it at once.
 */
export const PUBLIC_DEVELOPMENT_MNEMONIC_NEVER_FUND_ON_REAL_CHAINS =
  "test test test test test test test test test test test junk";

/** How many accounts every chain funds with native currency. */
export const fundedAccounts = 24;

/** The first operator's index; the others follow. */
const firstOperator = 16;
const mostOperators = fundedAccounts - firstOperator;

export interface DevnetAccount {
  readonly name: string;
  readonly address: Address;
  readonly privateKey: Hex;
}

/** Who acts on the devnet. All of it is public: see the mnemonic's name. */
export interface DevnetAccounts {
  /** Deploys and owns every contract. */
  readonly deployer: DevnetAccount;
  /** Pays for the LayerZero worker's transactions. */
  readonly worker: DevnetAccount;
  /** Sign what the DVN verifies: two of three. */
  readonly dvnSigners: readonly DevnetAccount[];
  /** Pushes prices into the feeds. */
  readonly priceUpdater: DevnetAccount;
  readonly alice: DevnetAccount;
  readonly bob: DevnetAccount;
  /** The market maker. */
  readonly maker: DevnetAccount;
  /** Buys what has to be sold. */
  readonly liquidator: DevnetAccount;
  /** Takes over insolvent accounts. */
  readonly backstop: DevnetAccount;
  readonly operators: readonly DevnetAccount[];
}

/**
 * Derives the devnet's accounts. The same ones at every start.
 *
 * @param operators How many operators, 1 to 8.
 * @throws {OperatorCountInvalid}
 * @example
 * const { alice } = developmentAccounts(3);
 */
export function developmentAccounts(operators: number): DevnetAccounts {
  if (!Number.isInteger(operators) || operators < 1 || operators > mostOperators) {
    throw new OperatorCountInvalid(operators, mostOperators);
  }
  return {
    deployer: derive("deployer", 0),
    worker: derive("worker", 1),
    dvnSigners: [2, 3, 4].map((index, position) => derive(`dvn-signer-${position + 1}`, index)),
    priceUpdater: derive("price-updater", 5),
    alice: derive("alice", 6),
    bob: derive("bob", 7),
    maker: derive("maker", 8),
    liquidator: derive("liquidator", 9),
    backstop: derive("backstop", 10),
    operators: Array.from({ length: operators }, (_, position) =>
      derive(`operator-${position + 1}`, firstOperator + position),
    ),
  };
}

function derive(name: string, addressIndex: number): DevnetAccount {
  const account = mnemonicToAccount(PUBLIC_DEVELOPMENT_MNEMONIC_NEVER_FUND_ON_REAL_CHAINS, { addressIndex });
  const { privateKey } = account.getHdKey();
  assert(privateKey, "a key derived from a mnemonic has its private half");
  return { name, address: account.address, privateKey: bytesToHex(privateKey) };
}
