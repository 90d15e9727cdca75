import type { Address } from "viem";

/** A public network with LayerZero V2 on it. */
export interface Network {
  readonly name: string;
  /** LayerZero's endpoint id: 30xxx on main networks, 40xxx on test networks. */
  readonly eid: number;
  readonly chainId: number;
  /** LayerZero's EndpointV2. */
  readonly endpoint: Address;
}

// Addresses: npm package @layerzerolabs/lz-evm-sdk-v2 3.1.10, deployments/<network>/EndpointV2.json.
// Endpoint ids: npm package @layerzerolabs/lz-definitions 3.1.13, EndpointId.<NETWORK>_V2_MAINNET or _V2_TESTNET.
// Both are shown on https://docs.layerzero.network/v2/deployments/deployed-contracts. `plimsoll check` asks the
// contract itself for its eid.
const usual: Address = "0x1a44076050125825900e736c501f859c50fE728c";
const later: Address = "0x6F475642a6e85809B1c36Fa62763669b1b48DD5B";
const onTestNetworks: Address = "0x6EDCE65403992e310A62460808c4b910D972f10f";

/** Networks of which an operator need not look up LayerZero's addresses, by name. */
export const networks: readonly Network[] = [
  { name: "ethereum", eid: 30101, chainId: 1, endpoint: usual },
  { name: "bsc", eid: 30102, chainId: 56, endpoint: usual },
  { name: "avalanche", eid: 30106, chainId: 43114, endpoint: usual },
  { name: "polygon", eid: 30109, chainId: 137, endpoint: usual },
  { name: "arbitrum", eid: 30110, chainId: 42161, endpoint: usual },
  { name: "optimism", eid: 30111, chainId: 10, endpoint: usual },
  { name: "celo", eid: 30125, chainId: 42220, endpoint: usual },
  { name: "gnosis", eid: 30145, chainId: 100, endpoint: usual },
  { name: "mantle", eid: 30181, chainId: 5000, endpoint: usual },
  { name: "linea", eid: 30183, chainId: 59144, endpoint: usual },
  { name: "base", eid: 30184, chainId: 8453, endpoint: usual },
  { name: "scroll", eid: 30214, chainId: 534352, endpoint: usual },
  { name: "blast", eid: 30243, chainId: 81457, endpoint: usual },
  { name: "worldchain", eid: 30319, chainId: 480, endpoint: later },
  { name: "unichain", eid: 30320, chainId: 130, endpoint: later },
  { name: "sonic", eid: 30332, chainId: 146, endpoint: later },
  { name: "ink", eid: 30339, chainId: 57073, endpoint: "0xca29f3A6f966Cb2fc0dE625F8f325c0C46dbE958" },
  { name: "berachain", eid: 30362, chainId: 80094, endpoint: later },
  { name: "hyperliquid", eid: 30367, chainId: 999, endpoint: "0x3A73033C0b1407574C76BdBAc67f126f6b4a9AA9" },
  { name: "sepolia", eid: 40161, chainId: 11155111, endpoint: onTestNetworks },
  { name: "arbitrum-sepolia", eid: 40231, chainId: 421614, endpoint: onTestNetworks },
  { name: "optimism-sepolia", eid: 40232, chainId: 11155420, endpoint: onTestNetworks },
  { name: "base-sepolia", eid: 40245, chainId: 84532, endpoint: onTestNetworks },
  { name: "polygon-amoy", eid: 40267, chainId: 80002, endpoint: onTestNetworks },
];
