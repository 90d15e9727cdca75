import { operatorBondsAbi } from "@plimsoll/contracts/abi/OperatorBonds";
import { operatorRegistryAbi } from "@plimsoll/contracts/abi/OperatorRegistry";
import { testTokenAbi } from "@plimsoll/contracts/abi/TestToken";
import { operatorBondsBytecode } from "@plimsoll/contracts/bytecode/OperatorBonds";
import { testTokenBytecode } from "@plimsoll/contracts/bytecode/TestToken";
import { type Address, encodeDeployData, encodeFunctionData } from "viem";
import type { ConnectedChain } from "../layerzero/network.ts";
import { startBatch } from "../transactions.ts";
import type { DeployingHub } from "./wire.ts";

/** What operators have to stake, and the token that it is in. */
export interface Bonds {
  readonly address: Address;
  readonly token: Address;
}

/** 18 decimals. */
const leastBond = 1_000n * 10n ** 18n;
const unbondingSeconds = 7n * 24n * 3600n;

/**
 * Deploys the operators' bonds on the hub with a token of their own, and gives each operator the least bond.
 *
 * @param beneficiary Gets what is slashed and not the reporter's.
 * @example
 * const bonds = deployBonds(hub, deployer.address, operators);
 */
export function deployBonds(
  { batch, contracts }: DeployingHub,
  beneficiary: Address,
  operators: readonly Address[],
): Bonds {
  const { operatorRegistry, ledger, riskRegistry } = contracts;
  const abi = testTokenAbi;
  const args = ["Operators' bond", "BOND", 18] as const;
  const token = batch.deploy("BOND", encodeDeployData({ abi, bytecode: testTokenBytecode, args }));
  const config = { token, registry: operatorRegistry, ledger, risk: riskRegistry, beneficiary };
  const initCode = encodeDeployData({
    abi: operatorBondsAbi,
    bytecode: operatorBondsBytecode,
    args: [{ ...config, leastBond, unbondingSeconds }],
  });
  const address = batch.deploy("OperatorBonds", initCode);
  for (const operator of operators) {
    batch.call("BOND.mint", token, encodeFunctionData({ abi, functionName: "mint", args: [operator, leastBond] }));
  }
  return { address, token };
}

/**
 * Stakes every operator's bond, once the contract and the token are there.
 *
 * @throws {TransactionFailed}
 * @example
 * await stakeBonds(hubChain, bonds, operators);
 */
export async function stakeBonds(
  hub: ConnectedChain,
  { address, token }: Bonds,
  operators: readonly Address[],
): Promise<void> {
  const approve = encodeFunctionData({ abi: testTokenAbi, functionName: "approve", args: [address, leastBond] });
  const stake = encodeFunctionData({ abi: operatorBondsAbi, functionName: "stake", args: [leastBond] });
  await Promise.all(
    operators.map(async (operator) => {
      const batch = await startBatch(hub, operator);
      batch.call("BOND.approve", token, approve);
      batch.call("OperatorBonds.stake", address, stake);
      await batch.settle();
    }),
  );
}

/**
 * Makes the registry ask for bonds.
 *
 * @example
 * requireBonds(hub, bonds);
 */
export function requireBonds({ batch, contracts }: DeployingHub, { address }: Bonds): void {
  const data = encodeFunctionData({ abi: operatorRegistryAbi, functionName: "setBonds", args: [address] });
  batch.call("OperatorRegistry.setBonds", contracts.operatorRegistry, data);
}
