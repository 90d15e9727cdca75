// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IMarginConsumer, MarginProofs} from "../interfaces/IMarginConsumer.sol";
import {AccountId} from "../types/Ids.sol";
import {AccountLeaf, AccountStatus} from "../types/Leaves.sol";
import {InstrumentLeaves} from "./InstrumentLeaves.sol";
import {LeafHash} from "./LeafHash.sol";
import {MultiProof} from "./MultiProof.sol";
import {PackedInt64} from "./PackedInt64.sol";
import {Priced} from "./PricedInstruments.sol";

/// @notice The newest posted epoch, as far as the check needs it.
struct PostedEpoch {
    uint64 number;
    bytes32 root;
    bool expired;
}

/// @notice What an account may do. Without a proven leaf `allotmentAt` is NO_ALLOTMENT and `grossLimit` 0.
struct Limit {
    uint256 allotmentAt;
    uint256 grossLimit;
}

/// @title Proving and finding the leaves that a margin check needs
library MarginLeaves {
    /// @notice Proves every leaf, with one proof.
    /// @return priced The instruments in their order, without their numbers.
    /// @return scenarios How many entries every array has; all have the same number, and at least one.
    function prove(MarginProofs calldata proofs, PostedEpoch memory epoch)
        internal
        pure
        returns (Priced[] memory priced, uint256 scenarios)
    {
        uint256 count = proofs.instruments.length;
        priced = new Priced[](count);
        bytes32[] memory leaves = new bytes32[](count + proofs.accounts.length);
        uint256 size = _hashInstruments(proofs, leaves, priced, epoch);
        for (uint256 i = count; i < leaves.length; ++i) {
            AccountLeaf calldata leaf = proofs.accounts[i - count];
            bytes calldata allotment = leaf.allotment;
            leaves[i] = LeafHash.hashAccount(leaf, allotment);
            if (i == 0) size = allotment.length;
            if (allotment.length != size) _mismatch(size, allotment.length);
        }
        scenarios = size / 8;
        if (size % 8 != 0 || size == 0) _mismatch(0, size);
        if (!MultiProof.verify(epoch.root, leaves, proofs.siblings, proofs.steps)) {
            revert IMarginConsumer.InvalidMarginProof(epoch.number);
        }
    }

    function _hashInstruments(
        MarginProofs calldata proofs,
        bytes32[] memory leaves,
        Priced[] memory priced,
        PostedEpoch memory epoch
    ) private pure returns (uint256) {
        (InstrumentLeaves.Fault fault, uint256 size, uint256 other) =
            InstrumentLeaves.hashAll(proofs.instruments, leaves, priced);
        if (fault == InstrumentLeaves.Fault.None) return size;
        if (fault == InstrumentLeaves.Fault.NotAscending) revert IMarginConsumer.InstrumentsNotAscending();
        if (fault == InstrumentLeaves.Fault.OtherSize) _mismatch(size, other);
        revert IMarginConsumer.InvalidMarginProof(epoch.number);
    }

    /// @notice What the account may do at `consumer`.
    /// @dev An expired epoch's allotments are not relied on, so the account may then only reduce. An insolvent account's is
    /// the price at which it may be taken from its owner, so nobody else may use it.
    /// @param seized The account that is being taken from its owner; zero for none.
    function limitOf(
        MarginProofs calldata proofs,
        AccountId account,
        address consumer,
        PostedEpoch memory epoch,
        AccountId seized
    ) internal pure returns (Limit memory limit) {
        if (epoch.expired) return limit;
        AccountLeaf[] calldata leaves = proofs.accounts;
        for (uint256 i; i < leaves.length; ++i) {
            AccountLeaf calldata leaf = leaves[i];
            if (AccountId.unwrap(leaf.account) != AccountId.unwrap(account)) continue;
            if (leaf.consumer != consumer) revert IMarginConsumer.WrongConsumer(leaf.consumer);
            if (leaf.status == AccountStatus.Insolvent && AccountId.unwrap(account) != AccountId.unwrap(seized)) {
                return limit;
            }
            (limit.allotmentAt, limit.grossLimit) = (PackedInt64.start(leaf.allotment), leaf.grossLimit);
            return limit;
        }
    }

    /// @dev Sizes in bytes, 8 an entry.
    function _mismatch(uint256 size, uint256 given) private pure {
        revert IMarginConsumer.ScenarioCountMismatch(size / 8, given / 8);
    }
}
