import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import {
  type Abi,
  type Address,
  type ContractFunctionArgs,
  type ContractFunctionName,
  createTestClient,
  type EncodeFunctionDataParameters,
  encodeFunctionData,
  type Hex,
  http,
  publicActions,
  walletActions,
} from "viem";
import { anvil as anvilChain } from "viem/chains";
import { collateralLedgerAbi } from "../../generated/abi/CollateralLedger.ts";
import { operatorBondsAbi } from "../../generated/abi/OperatorBonds.ts";
import { operatorRegistryAbi } from "../../generated/abi/OperatorRegistry.ts";
import { replayFeedAbi } from "../../generated/abi/ReplayFeed.ts";
import { riskRegistryAbi } from "../../generated/abi/RiskRegistry.ts";
import { solvencyAttestationsAbi } from "../../generated/abi/SolvencyAttestations.ts";
import { testTokenAbi } from "../../generated/abi/TestToken.ts";
import { collateralLedgerBytecode } from "../../generated/bytecode/CollateralLedger.ts";
import { operatorBondsBytecode } from "../../generated/bytecode/OperatorBonds.ts";
import { operatorRegistryBytecode } from "../../generated/bytecode/OperatorRegistry.ts";
import { replayFeedBytecode } from "../../generated/bytecode/ReplayFeed.ts";
import { riskRegistryBytecode } from "../../generated/bytecode/RiskRegistry.ts";
import { solvencyAttestationsBytecode } from "../../generated/bytecode/SolvencyAttestations.ts";
import { testTokenBytecode } from "../../generated/bytecode/TestToken.ts";

const require = createRequire(import.meta.url);

/** LayerZero's endpoint, from its published bytecode. */
function endpointArtifact(): { readonly abi: Abi; readonly bytecode: Hex } {
  const path = "@layerzerolabs/lz-evm-protocol-v2/artifacts/contracts/EndpointV2.sol/EndpointV2.json";
  return JSON.parse(readFileSync(require.resolve(path), "utf8"));
}

class DeploymentFailed extends Error {
  override readonly name = "DeploymentFailed";
}

/**
 * Deploys a hub with bonds on an anvil. Its first account owns everything and plays the hub's own vault.
 * @throws {DeploymentFailed}
 */
export async function deployBondedHub(rpcUrl: string, eid: number, salt: Hex, leastBond: bigint) {
  const client = createTestClient({ mode: "anvil", chain: anvilChain, transport: http(rpcUrl), pollingInterval: 20 })
    .extend(publicActions)
    .extend(walletActions);
  const [owner] = await client.getAddresses();
  if (owner === undefined) throw new DeploymentFailed("anvil has no account");
  const vault = owner.toLowerCase() as Address;

  const deploy = async (abi: Abi, bytecode: Hex, args: readonly unknown[]): Promise<Address> => {
    const hash = await client.deployContract({ abi, bytecode, args, account: owner });
    const { contractAddress } = await client.waitForTransactionReceipt({ hash });
    if (!contractAddress) throw new DeploymentFailed("a deployment has no address");
    return contractAddress.toLowerCase() as Address;
  };

  /** Calls as the owner, or as an account that anvil is told to let send. Throws what it reverts with. */
  const send = async <
    const abi extends Abi,
    name extends ContractFunctionName<abi, "nonpayable">,
    const args extends ContractFunctionArgs<abi, "nonpayable", name>,
  >(
    contract: { readonly address: Address; readonly abi: abi },
    functionName: name,
    args: args,
    from: Address = owner,
  ) => {
    const call = { ...contract, functionName, args } as EncodeFunctionDataParameters & { address: Address };
    await client.simulateContract({ ...call, account: from } as Parameters<typeof client.simulateContract>[0]);
    const hash = await client.sendTransaction({ account: from, to: contract.address, data: encodeFunctionData(call) });
    return client.waitForTransactionReceipt({ hash });
  };

  const lz = endpointArtifact();
  const endpoint = await deploy(lz.abi, lz.bytecode, [eid, owner]);
  const attestations = {
    abi: solvencyAttestationsAbi,
    address: await deploy(solvencyAttestationsAbi, solvencyAttestationsBytecode, [endpoint, owner, salt]),
  } as const;
  const registry = {
    abi: operatorRegistryAbi,
    address: await deploy(operatorRegistryAbi, operatorRegistryBytecode, [endpoint, owner, attestations.address]),
  } as const;
  const ledger = {
    abi: collateralLedgerAbi,
    address: await deploy(collateralLedgerAbi, collateralLedgerBytecode, [endpoint, owner]),
  } as const;
  const risk = {
    abi: riskRegistryAbi,
    address: await deploy(riskRegistryAbi, riskRegistryBytecode, [owner, 0]),
  } as const;
  const feed = {
    abi: replayFeedAbi,
    address: await deploy(replayFeedAbi, replayFeedBytecode, [owner, 8, "USDC / USD"]),
  } as const;
  const token = {
    abi: testTokenAbi,
    address: await deploy(testTokenAbi, testTokenBytecode, ["Dollar", "USDC", 6]),
  } as const;
  const config = {
    token: token.address,
    registry: registry.address,
    ledger: ledger.address,
    risk: risk.address,
    beneficiary: owner,
    leastBond,
    unbondingSeconds: 7 * 86_400,
  };
  const bonds = {
    abi: operatorBondsAbi,
    address: await deploy(operatorBondsAbi, operatorBondsBytecode, [config]),
  } as const;
  await send(attestations, "setRegistry", [registry.address]);
  await send(registry, "setBonds", [bonds.address]);
  await send(ledger, "setLocalVault", [vault]);
  return { client, send, vault, registry, ledger, risk, feed, token, bonds };
}

export type BondedHub = Awaited<ReturnType<typeof deployBondedHub>>;
