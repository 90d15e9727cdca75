// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MarginProofs} from "../../src/interfaces/IMarginConsumer.sol";
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
        (attestation, proofs) = prepare(instruments, accounts);
        attestations.post(attestation);
    }

    function prepare(InstrumentLeaf[] memory instruments, AccountLeaf[] memory accounts)
        internal
        returns (Attestation memory attestation, MarginProofs memory proofs)
    {
        _sort(accounts);
        bytes32[] memory leaves = _hashes(instruments, accounts);
        bool[] memory all = new bool[](leaves.length);
        for (uint256 i; i < all.length; ++i) {
            all[i] = true;
        }
        proofs = _proofs(instruments, accounts, leaves, all);
        attestation = attest(Merkle.root(leaves));
    }

    /// @notice As in a tree of 2^depth leaves whose accounts lie far from one another.
    function prepareFarApart(InstrumentLeaf[] memory instruments, AccountLeaf[] memory accounts, uint256 depth)
        internal
        returns (Attestation memory attestation, MarginProofs memory proofs)
    {
        _sort(accounts);
        bytes32[][] memory groups = new bytes32[][](1 + accounts.length);
        groups[0] = _hashes(instruments, new AccountLeaf[](0));
        for (uint256 i; i < accounts.length; ++i) {
            groups[i + 1] = new bytes32[](1);
            groups[i + 1][0] = Encodings.hash(accounts[i]);
        }
        (proofs.instruments, proofs.accounts) = (instruments, accounts);
        bytes32 root;
        (root, proofs.siblings, proofs.steps) = Merkle.farApart(groups, depth);
        attestation = attest(root);
    }

    /// @notice Of proofs that name every leaf of their tree: the instruments alone.
    function withoutAccounts(MarginProofs memory all) internal pure returns (MarginProofs memory) {
        return proofsOf(all.instruments, all.accounts, new bool[](all.accounts.length));
    }

    /// @notice Proofs of all instruments and the accounts wanted, of a tree of all of them.
    function proofsOf(InstrumentLeaf[] memory instruments, AccountLeaf[] memory accounts, bool[] memory wanted)
        internal
        pure
        returns (MarginProofs memory proofs)
    {
        _sort(accounts);
        bytes32[] memory leaves = _hashes(instruments, accounts);
        bool[] memory marked = new bool[](leaves.length);
        uint256 count;
        for (uint256 i; i < marked.length; ++i) {
            marked[i] = i < instruments.length || wanted[i - instruments.length];
            if (i >= instruments.length && marked[i]) ++count;
        }
        AccountLeaf[] memory chosen = new AccountLeaf[](count);
        count = 0;
        for (uint256 i; i < accounts.length; ++i) {
            if (wanted[i]) chosen[count++] = accounts[i];
        }
        return _proofs(instruments, chosen, leaves, marked);
    }

    function _proofs(
        InstrumentLeaf[] memory instruments,
        AccountLeaf[] memory accounts,
        bytes32[] memory leaves,
        bool[] memory marked
    ) internal pure returns (MarginProofs memory) {
        (bytes32[] memory siblings, bytes memory steps) = Merkle.multiProof(leaves, marked);
        return MarginProofs(accounts, instruments, siblings, steps);
    }

    function _hashes(InstrumentLeaf[] memory instruments, AccountLeaf[] memory accounts)
        internal
        pure
        returns (bytes32[] memory leaves)
    {
        leaves = new bytes32[](instruments.length + accounts.length);
        for (uint256 i; i < instruments.length; ++i) {
            leaves[i] = Encodings.hash(instruments[i]);
        }
        for (uint256 i; i < accounts.length; ++i) {
            leaves[instruments.length + i] = Encodings.hash(accounts[i]);
        }
    }

    /// @dev Ascending by account, as in operators' trees.
    function _sort(AccountLeaf[] memory accounts) internal pure {
        for (uint256 i = 1; i < accounts.length; ++i) {
            for (uint256 j = i; j > 0; --j) {
                if (AccountId.unwrap(accounts[j - 1].account) <= AccountId.unwrap(accounts[j].account)) break;
                (accounts[j - 1], accounts[j]) = (accounts[j], accounts[j - 1]);
            }
        }
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
