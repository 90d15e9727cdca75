import { concat, encodeFunctionData, encodePacked, type Hex, keccak256 } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { receiveUlnAbi } from "../layerzero/abi.ts";
import { confirmations } from "../layerzero/connect.ts";
import type { LayerZeroContracts } from "../layerzero/deploy.ts";
import type { Packet } from "./packet.ts";

const neverExpires = 2n ** 64n;

/**
 * The DVN's instruction to verify a packet, signed by the given keys: EIP-191 signatures over
 * `keccak256(encodePacked(uint32 vid, address target, uint256 expiration, bytes callData))`, ascending by signer.
 *
 * @param signerKeys Exactly as many as the DVN's quorum.
 * @example
 * const instruction = await signVerification(layerZero, packet, [firstKey, secondKey]);
 */
export async function signVerification(layerZero: LayerZeroContracts, packet: Packet, signerKeys: readonly Hex[]) {
  const callData = encodeFunctionData({
    abi: receiveUlnAbi,
    functionName: "verify",
    args: [packet.header, packet.payloadHash, BigInt(confirmations)],
  });
  const instruction = { vid: layerZero.dvnVid, target: layerZero.receiveLibrary, callData, expiration: neverExpires };
  const raw = keccak256(
    encodePacked(
      ["uint32", "address", "uint256", "bytes"],
      [instruction.vid, instruction.target, instruction.expiration, callData],
    ),
  );
  const signers = signerKeys
    .map((key) => privateKeyToAccount(key))
    .sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
  const signatures = await Promise.all(signers.map((signer) => signer.signMessage({ message: { raw } })));
  return { ...instruction, signatures: concat(signatures) };
}
