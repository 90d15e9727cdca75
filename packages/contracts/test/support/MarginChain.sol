// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccountProof, InstrumentProof, MarginProofs} from "../../src/interfaces/IMarginConsumer.sol";
import {Attestation} from "../../src/types/Attestation.sol";
import {AccountId, InstrumentId} from "../../src/types/Ids.sol";
import {AccountLeaf, AccountStatus, InstrumentLeaf, InstrumentStatus} from "../../src/types/Leaves.sol";
import {AttestedChain} from "./AttestedChain.sol";
import {Encodings} from "./Encodings.sol";
import {Merkle} from "./Merkle.sol";

/// @title A chain whose epochs carry the instruments and allotments that a test wants
abstract contract MarginChain is AttestedChain {
    int64 internal constant PLENTY = type(int64).max;

    /// @notice Builds the tree, signs it, posts it, and gives the proofs of all its leaves.
    function publish(InstrumentLeaf[] memory instruments, AccountLeaf[] memory accounts)
        internal
        returns (MarginProofs memory proofs)
    {
        Attestation memory attestation;
        (attestation, proofs) = prepare(instruments, accounts, 0);
        attestations.post(attestation);
    }

    /// @param depth Least depth of the tree: proofs are as long as in one of 2^depth leaves.
    function prepare(InstrumentLeaf[] memory instruments, AccountLeaf[] memory accounts, uint256 depth)
        internal
        returns (Attestation memory attestation, MarginProofs memory proofs)
    {
        bytes32[] memory leaves = new bytes32[](instruments.length + accounts.length);
        for (uint256 i; i < instruments.length; ++i) {
            leaves[i] = Encodings.hash(instruments[i]);
        }
        for (uint256 i; i < accounts.length; ++i) {
            leaves[instruments.length + i] = Encodings.hash(accounts[i]);
        }
        bytes32[] memory upper = new bytes32[](0);
        uint256 lower = Merkle.proof(leaves, 0).length;
        for (uint256 i = lower; i < depth; ++i) {
            upper = Merkle.append(upper, keccak256(abi.encode("sibling", i)));
        }
        proofs.instruments = new InstrumentProof[](instruments.length);
        for (uint256 i; i < instruments.length; ++i) {
            bytes32[] memory path = Merkle.concat(Merkle.proof(leaves, i), upper);
            proofs.instruments[i] = InstrumentProof(instruments[i], path);
        }
        proofs.accounts = new AccountProof[](accounts.length);
        for (uint256 i; i < accounts.length; ++i) {
            bytes32[] memory path = Merkle.concat(Merkle.proof(leaves, instruments.length + i), upper);
            proofs.accounts[i] = AccountProof(accounts[i], path);
        }
        attestation = attest(Merkle.extend(Merkle.root(leaves), upper));
    }

    /// @notice An instrument whose price is `mark` in the base and moves by `stepE8` from one scenario to the next.
    function instrumentLeaf(InstrumentId id, uint64 mark, int64 stepE8, uint256 scenarios)
        internal
        pure
        returns (InstrumentLeaf memory leaf)
    {
        int64[] memory prices = new int64[](scenarios);
        for (uint256 s; s < scenarios; ++s) {
            prices[s] = int64(mark) + int64(int256(s)) * stepE8;
        }
        leaf = InstrumentLeaf(id, InstrumentStatus.Active, mark, mark, 0, 0, 0, 10_000, Encodings.pack(prices));
    }

    function accountLeaf(AccountId account, address consumer, int64 allotment, uint256 scenarios)
        internal
        pure
        returns (AccountLeaf memory)
    {
        int64[] memory losses = new int64[](scenarios);
        for (uint256 s; s < scenarios; ++s) {
            losses[s] = allotment;
        }
        return AccountLeaf(account, consumer, AccountStatus.Active, type(uint128).max, Encodings.pack(losses));
    }
}
