import { collateralLedgerAbi } from "@plimsoll/contracts/abi/CollateralLedger";
import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import { operatorRegistryAbi } from "@plimsoll/contracts/abi/OperatorRegistry";
import { riskRegistryAbi } from "@plimsoll/contracts/abi/RiskRegistry";
import { solvencyAttestationsAbi } from "@plimsoll/contracts/abi/SolvencyAttestations";
import { collateralLedgerBytecode } from "@plimsoll/contracts/bytecode/CollateralLedger";
import { collateralVaultBytecode } from "@plimsoll/contracts/bytecode/CollateralVault";
import { derivativeMarketBytecode } from "@plimsoll/contracts/bytecode/DerivativeMarket";
import { operatorRegistryBytecode } from "@plimsoll/contracts/bytecode/OperatorRegistry";
import { riskRegistryBytecode } from "@plimsoll/contracts/bytecode/RiskRegistry";
import { solvencyAttestationsBytecode } from "@plimsoll/contracts/bytecode/SolvencyAttestations";
import type { Eid } from "@plimsoll/protocol/ids";
import { type Address, encodeDeployData, type Hex, zeroAddress } from "viem";
import type { ConnectedChain } from "../layerzero/network.ts";
import type { TransactionBatch } from "../transactions.ts";

/** Plimsoll's contracts on one chain; null where the chain has none. */
export interface PlimsollContracts {
  readonly attestations: Address;
  readonly vault: Address | null;
  readonly market: Address | null;
  readonly ledger: Address | null;
  readonly riskRegistry: Address | null;
  readonly operatorRegistry: Address | null;
}

export interface ContractSettings {
  readonly owner: Address;
  readonly hubEid: Eid;
  /** In the domain of everything operators sign: one deployment's signatures are worth nothing in another. */
  readonly domainSalt: Hex;
  /** The chain's wrapped ether. */
  readonly wrappedNative: Address;
}

/** How long a loosening of risk waits once the registry is sealed. */
const timelockSeconds = 24 * 3600;
/** The shortest that a vault takes. */
const exitDelaySeconds = 3600n;

/**
 * Deploys what one chain needs of Plimsoll. Nothing here knows of another chain yet.
 *
 * @example
 * const contracts = deployContracts(batch, chain, { owner, hubEid: 40002, domainSalt, wrappedNative });
 */
export function deployContracts(
  batch: TransactionBatch,
  chain: ConnectedChain,
  { owner, hubEid, domainSalt, wrappedNative }: ContractSettings,
): PlimsollContracts {
  const { endpoint } = chain.layerZero;
  const attestations = batch.deploy(
    "SolvencyAttestations",
    encodeDeployData({
      abi: solvencyAttestationsAbi,
      bytecode: solvencyAttestationsBytecode,
      args: [endpoint, owner, domainSalt],
    }),
  );
  const hub = chain.hub ? deployHub(batch, endpoint, owner, attestations) : null;
  const vault = chain.vault
    ? batch.deploy(
        "CollateralVault",
        encodeDeployData({
          abi: collateralVaultAbi,
          bytecode: collateralVaultBytecode,
          args: [
            endpoint,
            owner,
            { hubEid, attestations, localLedger: hub?.ledger ?? zeroAddress, wrappedNative, exitDelaySeconds },
          ],
        }),
      )
    : null;
  const market = chain.market
    ? batch.deploy(
        "DerivativeMarket",
        encodeDeployData({
          abi: derivativeMarketAbi,
          bytecode: derivativeMarketBytecode,
          args: [attestations, owner],
        }),
      )
    : null;
  return {
    attestations,
    vault,
    market,
    ledger: hub?.ledger ?? null,
    riskRegistry: hub?.riskRegistry ?? null,
    operatorRegistry: hub?.operatorRegistry ?? null,
  };
}

function deployHub(batch: TransactionBatch, endpoint: Address, owner: Address, attestations: Address) {
  return {
    ledger: batch.deploy(
      "CollateralLedger",
      encodeDeployData({ abi: collateralLedgerAbi, bytecode: collateralLedgerBytecode, args: [endpoint, owner] }),
    ),
    riskRegistry: batch.deploy(
      "RiskRegistry",
      encodeDeployData({ abi: riskRegistryAbi, bytecode: riskRegistryBytecode, args: [owner, timelockSeconds] }),
    ),
    operatorRegistry: batch.deploy(
      "OperatorRegistry",
      encodeDeployData({
        abi: operatorRegistryAbi,
        bytecode: operatorRegistryBytecode,
        args: [endpoint, owner, attestations],
      }),
    ),
  };
}
