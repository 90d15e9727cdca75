// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {Header} from "../types/Attestation.sol";

/// @title What operators sign: EIP-712 with a deployment salt in place of a chain id
/// @notice One signature therefore serves every chain of a deployment, and none of another deployment.
library AttestationHash {
    bytes32 internal constant DOMAIN_TYPEHASH = keccak256("EIP712Domain(string name,string version,bytes32 salt)");
    bytes32 internal constant HEADER_TYPEHASH = keccak256(
        "Attestation(uint64 epoch,uint32 operatorSetId,bytes32 root,bytes32 cutHash,uint32 riskVersion,uint64 issuedAt,uint64 expiresAt)"
    );

    function domainSeparator(bytes32 salt) internal pure returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPEHASH, keccak256("Plimsoll"), keccak256("1"), salt));
    }

    function digest(Header calldata header, bytes32 domain) internal pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(HEADER_TYPEHASH, header)));
    }
}
