// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IMarginConsumer, MarginProofs} from "../interfaces/IMarginConsumer.sol";
import {AccountId, InstrumentId} from "../types/Ids.sol";
import {AccountLeaf, InstrumentLeaf} from "../types/Leaves.sol";
import {LeafHash} from "./LeafHash.sol";
import {MultiProof} from "./MultiProof.sol";
import {PackedInt64} from "./PackedInt64.sol";

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
    /// @return scenarios How many entries every array has; all have the same number, and at least one.
    function prove(MarginProofs calldata proofs, PostedEpoch memory epoch) internal pure returns (uint256 scenarios) {
        uint256 count = proofs.instruments.length;
        bytes32[] memory leaves = new bytes32[](count + proofs.accounts.length);
        bytes32 last;
        for (uint256 i; i < count; ++i) {
            InstrumentLeaf calldata leaf = proofs.instruments[i];
            bytes32 id = InstrumentId.unwrap(leaf.instrument);
            if (i > 0 && id <= last) revert IMarginConsumer.InstrumentsNotAscending();
            last = id;
            leaves[i] = LeafHash.hashInstrument(leaf);
            scenarios = _scenarioCount(leaf.prices, scenarios);
        }
        for (uint256 i = count; i < leaves.length; ++i) {
            AccountLeaf calldata leaf = proofs.accounts[i - count];
            leaves[i] = LeafHash.hashAccount(leaf);
            scenarios = _scenarioCount(leaf.allotment, scenarios);
        }
        if (!MultiProof.verify(epoch.root, leaves, proofs.siblings, proofs.steps)) {
            revert IMarginConsumer.InvalidMarginProof(epoch.number);
        }
    }

    /// @notice What the account may do at `consumer`.
    /// @dev An expired epoch's allotments are not relied on, so the account may then only reduce.
    function limitOf(MarginProofs calldata proofs, AccountId account, address consumer, PostedEpoch memory epoch)
        internal
        pure
        returns (Limit memory limit)
    {
        if (epoch.expired) return limit;
        for (uint256 i; i < proofs.accounts.length; ++i) {
            AccountLeaf calldata leaf = proofs.accounts[i];
            if (AccountId.unwrap(leaf.account) != AccountId.unwrap(account)) continue;
            if (leaf.consumer != consumer) revert IMarginConsumer.WrongConsumer(leaf.consumer);
            return Limit(PackedInt64.start(leaf.allotment), leaf.grossLimit);
        }
    }

    /// @notice Position of an instrument's leaf among those given.
    function indexOf(MarginProofs calldata proofs, InstrumentId instrument) internal pure returns (uint256 i) {
        for (; i < proofs.instruments.length; ++i) {
            if (InstrumentId.unwrap(proofs.instruments[i].instrument) == InstrumentId.unwrap(instrument)) return i;
        }
        revert IMarginConsumer.MissingInstrument(instrument);
    }

    function _scenarioCount(bytes calldata packed, uint256 expected) private pure returns (uint256 count) {
        count = packed.length / 8;
        if (packed.length % 8 != 0 || count == 0 || (expected != 0 && count != expected)) {
            revert IMarginConsumer.ScenarioCountMismatch(expected, count);
        }
    }
}
