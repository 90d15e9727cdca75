// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {MerkleProofLib} from "solady/utils/MerkleProofLib.sol";
import {ICollateralLedger} from "../interfaces/ICollateralLedger.sol";
import {IOperatorBonds} from "../interfaces/IOperatorBonds.sol";
import {IRiskRegistry} from "../interfaces/IRiskRegistry.sol";
import {CutBlock, Header} from "../types/Attestation.sol";
import {AccountId, UnderlyingId} from "../types/Ids.sol";
import {AccountStatus} from "../types/Leaves.sol";
import {FeedRounds, ProvenAllotment} from "../types/OverAllotment.sol";
import {Asset, Listed, Underlying} from "../types/Risk.sol";
import {FeedHistory} from "./FeedHistory.sol";
import {LeafHash} from "./LeafHash.sol";
import {PackedInt64} from "./PackedInt64.sol";

/// @title What an epoch allots to an account, and the most that any collateral it has can be worth
/// @dev docs/ALLOTMENTS.md proves that no epoch of an honest operator allots more, with no shock (row 0 of every scenario
/// set). The sum needs a leaf of every consumer that was registered at the cut, for an allotment can be negative; and one
/// leaf that is not reduce-only, for only an account whose prices are in doubt may be allotted what it has lost beyond its
/// collateral.
library OverAllotment {
    /// @notice What all leaves together allow the account to lose with no shock: USD with 8 decimals.
    function sum(IRiskRegistry risk, Header calldata header, ProvenAllotment[] calldata allotments)
        internal
        view
        returns (int256 allotted)
    {
        Listed[] memory consumers = risk.consumers();
        uint256 next;
        bool provable;
        for (uint256 i; i < consumers.length; ++i) {
            Listed memory consumer = consumers[i];
            if (next == allotments.length || allotments[next].consumer != i) {
                if (consumer.version <= header.riskVersion) {
                    revert IOperatorBonds.MissingAllotment(consumer.eid, consumer.at);
                }
                continue;
            }
            ProvenAllotment calldata allotment = allotments[next++];
            _prove(header.root, consumer, allotment);
            if (!(allotment.leaf.account == allotments[0].leaf.account)) {
                revert IOperatorBonds.AnotherAccount(allotment.leaf.account);
            }
            if (allotment.leaf.status != AccountStatus.ReduceOnly) provable = true;
            allotted += PackedInt64.at(PackedInt64.start(allotment.leaf.allotment), 0);
        }
        if (next < allotments.length) revert IOperatorBonds.AllotmentOutOfOrder(allotments[next].consumer);
        if (!provable) revert IOperatorBonds.OnlyReduceOnly();
    }

    /// @notice The most that collateral reported for the account can have been worth at a cut, without haircut: USD with 8
    /// decimals, rounded up.
    /// @dev The ledger's totals only grow, so they bound what it had at the cut.
    function mostWorth(
        IRiskRegistry risk,
        ICollateralLedger ledger,
        Header calldata header,
        uint256 cutAt,
        AccountId account,
        FeedRounds[] calldata rounds
    ) internal view returns (uint256 worth) {
        uint256[] memory prices = new uint256[](rounds.length);
        for (uint256 i; i < rounds.length; ++i) {
            prices[i] = _highestPrice(risk, rounds[i], cutAt);
        }
        Listed[] memory assets = risk.assets();
        for (uint256 i; i < assets.length; ++i) {
            Listed memory listed = assets[i];
            if (listed.version > header.riskVersion) continue;
            (uint128 deposited,) = ledger.totals(listed.eid, account, listed.at);
            if (deposited == 0) continue;
            Asset memory asset = risk.asset(listed.eid, listed.at);
            if (_changedIn(risk, listed, asset.underlying) > header.riskVersion) {
                revert IOperatorBonds.ChangedSinceTheCut(listed.eid, listed.at);
            }
            uint256 price = _priceOf(asset.underlying, rounds, prices);
            worth += Math.mulDiv(deposited, price, 10 ** asset.decimals, Math.Rounding.Ceil);
        }
    }

    /// @notice The time of the hub's block in the cut that a header speaks of.
    function hubTime(bytes32 cutHash, CutBlock[] calldata cut, uint32 hubEid) internal pure returns (uint64) {
        if (keccak256(abi.encode(cut)) != cutHash) revert IOperatorBonds.WrongCut();
        for (uint256 i; i < cut.length; ++i) {
            if (cut[i].eid == hubEid) return cut[i].timestamp;
        }
        revert IOperatorBonds.WrongCut();
    }

    function _prove(bytes32 root, Listed memory consumer, ProvenAllotment calldata allotment) private pure {
        if (allotment.leaf.consumer != consumer.at) revert IOperatorBonds.AnotherConsumer(allotment.leaf.consumer);
        bytes32 chain = LeafHash.hashChainRoot(consumer.eid, allotment.chainRoot);
        bytes32 leaf = LeafHash.hashAccount(allotment.leaf);
        if (
            allotment.leaf.allotment.length < 8 || !MerkleProofLib.verifyCalldata(allotment.chainPath, root, chain)
                || !MerkleProofLib.verifyCalldata(allotment.proof, allotment.chainRoot, leaf)
        ) revert IOperatorBonds.InvalidProof();
    }

    /// @dev USD with 8 decimals, rounded up.
    function _highestPrice(IRiskRegistry risk, FeedRounds calldata rounds, uint256 cutAt)
        private
        view
        returns (uint256)
    {
        Underlying memory underlying = risk.underlying(rounds.underlying);
        uint256 answer = FeedHistory.highestAnswer(underlying.feed, rounds, cutAt);
        return Math.mulDiv(answer, 1e8, 10 ** underlying.feedDecimals, Math.Rounding.Ceil);
    }

    function _priceOf(UnderlyingId underlying, FeedRounds[] calldata rounds, uint256[] memory prices)
        private
        pure
        returns (uint256)
    {
        for (uint256 i; i < rounds.length; ++i) {
            if (UnderlyingId.unwrap(rounds[i].underlying) == UnderlyingId.unwrap(underlying)) return prices[i];
        }
        revert IOperatorBonds.MissingRounds(underlying);
    }

    /// @dev The version in which the asset, or what prices it, was set last.
    function _changedIn(IRiskRegistry risk, Listed memory asset, UnderlyingId underlying)
        private
        view
        returns (uint32)
    {
        bytes32 assetSlot = keccak256(abi.encode(IRiskRegistry.setAsset.selector, asset.eid, asset.at));
        bytes32 underlyingSlot = keccak256(abi.encode(IRiskRegistry.setUnderlying.selector, underlying));
        uint32 changed = risk.changedIn(assetSlot);
        uint32 priced = risk.changedIn(underlyingSlot);
        return changed > priced ? changed : priced;
    }
}
