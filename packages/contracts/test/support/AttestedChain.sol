// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";
import {SolvencyAttestations} from "../../src/SolvencyAttestations.sol";
import {OperatorSet} from "../../src/interfaces/IOperatorRegistry.sol";
import {Attestation, Header} from "../../src/types/Attestation.sol";
import {Encodings} from "./Encodings.sol";
import {LayerZero} from "./LayerZero.sol";
import {Merkle} from "./Merkle.sol";
import {Operators} from "./Operators.sol";

/// @title One chain with a real endpoint and a real SolvencyAttestations, and operators who sign what a test wants
abstract contract AttestedChain is Test {
    uint32 internal constant EID = 30_110;
    uint32 internal constant OTHER_EID = 30_184;
    bytes32 internal constant SALT = keccak256("a deployment");
    uint64 internal constant LIFETIME_SECONDS = 300;

    address internal endpoint;
    SolvencyAttestations internal attestations;
    uint256[] internal keys;
    uint8 internal threshold;
    uint64 internal lastEpoch;

    function setUpChain(uint256 members, uint8 threshold_) internal {
        vm.warp(1_760_100_000);
        endpoint = LayerZero.deployEndpoint(EID, address(this));
        attestations = new SolvencyAttestations(endpoint, address(this), SALT);
        attestations.setRegistry(address(this));
        keys = Operators.create(members, 1);
        threshold = threshold_;
        attestations.installLocal(OperatorSet(1, threshold, Operators.addresses(keys)));
    }

    /// @notice The next epoch, which gives this chain `chainRoot`, signed by a quorum.
    function attest(bytes32 chainRoot) internal returns (Attestation memory) {
        return signed(unsigned(chainRoot));
    }

    function unsigned(bytes32 chainRoot) internal returns (Attestation memory attestation) {
        bytes32[] memory chains = new bytes32[](3);
        chains[0] = Encodings.chainLeaf(EID, chainRoot);
        chains[1] = Encodings.chainLeaf(OTHER_EID, keccak256("another chain's leaves"));
        chains[2] = Encodings.chainLeaf(OTHER_EID + 1, bytes32(0));
        attestation.chainRoot = chainRoot;
        attestation.chainPath = Merkle.proof(chains, 0);
        attestation.header = Header({
            epoch: ++lastEpoch,
            operatorSetId: 1,
            root: Merkle.root(chains),
            cutHash: keccak256(abi.encode("cut", lastEpoch)),
            riskVersion: 7,
            issuedAt: uint64(vm.getBlockTimestamp()),
            expiresAt: uint64(vm.getBlockTimestamp()) + LIFETIME_SECONDS
        });
    }

    function signed(Attestation memory attestation) internal view returns (Attestation memory) {
        bytes32 digest = Encodings.digest(attestation.header, SALT);
        attestation.signatures = Operators.sign(keys, threshold, digest);
        return attestation;
    }
}
