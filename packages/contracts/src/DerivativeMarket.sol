// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {MarginConsumer} from "./MarginConsumer.sol";
import {MarketLiquidation} from "./MarketLiquidation.sol";
import {MarketSettlement} from "./MarketSettlement.sol";
import {SignedOrders} from "./SignedOrders.sol";
import {FeeSchedule, Fill, IDerivativeMarket} from "./interfaces/IDerivativeMarket.sol";
import {MarginProofs} from "./interfaces/IMarginConsumer.sol";
import {Order} from "./interfaces/ISignedOrders.sol";
import {PortfolioChange} from "./libraries/PortfolioDraft.sol";
import {Premium, PremiumAccumulator, PremiumState} from "./libraries/PremiumAccumulator.sol";
import {Attestation} from "./types/Attestation.sol";
import {AccountId, InstrumentId} from "./types/Ids.sol";
import {InstrumentLeaf} from "./types/Leaves.sol";

/// @notice See IDerivativeMarket.
contract DerivativeMarket is IDerivativeMarket, MarketSettlement, SignedOrders, Ownable2Step {
    using SafeCast for uint256;
    using SafeCast for int256;

    /// @notice The most that either side may ever be charged: ten basis points.
    uint32 public constant MAX_FEE_E6 = 1_000;

    /// @inheritdoc IDerivativeMarket
    address public immutable liquidation;

    FeeSchedule private _fees;

    /// @param attestations_ This chain's SolvencyAttestations.
    /// @param owner_ Sets fees, within bounds, and names a backstop; moves nothing of anybody's.
    constructor(address attestations_, address owner_) MarginConsumer(attestations_) Ownable(owner_) {
        liquidation = address(new MarketLiquidation(attestations_));
    }

    /// @inheritdoc IDerivativeMarket
    function trade(Fill[] calldata fills, MarginProofs calldata proofs) external {
        _trade(fills, proofs);
    }

    /// @inheritdoc IDerivativeMarket
    function postAndTrade(Attestation calldata attestation, Fill[] calldata fills, MarginProofs calldata proofs)
        external
    {
        _postIfNewer(attestation);
        _trade(fills, proofs);
    }

    /// @inheritdoc IDerivativeMarket
    function changePortfolios(PortfolioChange[] calldata changes, MarginProofs calldata proofs, AccountId seized)
        external
    {
        if (msg.sender != liquidation) revert OnlyLiquidation(msg.sender);
        _changePortfolios(changes, proofs, seized);
    }

    /// @inheritdoc IDerivativeMarket
    function setFees(FeeSchedule calldata schedule) external onlyOwner {
        (int256 maker, int256 taker) = (schedule.makerE6, int256(uint256(schedule.takerE6)));
        int256 most = int256(uint256(MAX_FEE_E6));
        if (maker > most || taker > most || maker + taker < 0) {
            revert FeesOutOfBounds(schedule.makerE6, schedule.takerE6);
        }
        _fees = schedule;
        emit FeesSet(schedule.recipient, schedule.makerE6, schedule.takerE6);
    }

    /// @inheritdoc IDerivativeMarket
    function fees() external view returns (FeeSchedule memory) {
        return _fees;
    }

    function _seriesOf(AccountId account) internal view override(MarginConsumer, SignedOrders) returns (uint64) {
        return MarginConsumer._seriesOf(account);
    }

    function _beginSeries(AccountId account) internal override(MarginConsumer, SignedOrders) returns (uint64) {
        return MarginConsumer._beginSeries(account);
    }

    function _trade(Fill[] calldata fills, MarginProofs calldata proofs) private {
        if (fills.length == 0) revert NoFills();
        FeeSchedule memory schedule = _fees;
        PortfolioChange[] memory changes = _room(2 * fills.length);
        uint128 collected;
        for (uint256 i; i < fills.length; ++i) {
            collected += _fill(fills[i], changes, 2 * i, schedule, proofs);
        }
        _changePortfolios(changes, proofs);
        if (collected > 0) _credit(_accountOf(schedule.recipient), fills[0].maker.instrument, collected);
    }

    /// @return collected What is left of the fees for their recipient.
    function _fill(
        Fill calldata fill,
        PortfolioChange[] memory changes,
        uint256 at,
        FeeSchedule memory schedule,
        MarginProofs calldata proofs
    ) private returns (uint128 collected) {
        _checkMatch(fill);
        Order calldata maker = fill.maker;
        int128 size = int256(uint256(fill.size)).toInt128();
        (int128 makerFee, int128 takerFee) = _feesOf(fill, schedule);
        emit Filled(
            _fillOrder(maker, fill.makerSignature, fill.size),
            _fillOrder(fill.taker, fill.takerSignature, fill.size),
            maker.instrument,
            fill.size,
            maker.limitPrice,
            makerFee,
            takerFee
        );
        if (maker.size < 0) size = -size;
        InstrumentLeaf calldata leaf = _leafOf(proofs, maker.instrument);
        _samplePremium(fill, leaf.notional);
        // Units are valued net of the funding index, so they are paid for net of it: what longs have paid until now
        // concerns neither side of this trade. Rounded once and moved from one side to the other.
        int128 paid = (size * (int256(uint256(maker.limitPrice)) - leaf.funding) / 1e8).toInt128();
        changes[at] = PortfolioChange(maker.account, maker.instrument, size, -paid - makerFee);
        changes[at + 1] = PortfolioChange(fill.taker.account, maker.instrument, -size, paid - takerFee);
        return int256(makerFee + takerFee).toUint256().toUint128();
    }

    function _samplePremium(Fill calldata fill, uint64 index) private {
        InstrumentId instrument = fill.maker.instrument;
        Listing storage listing = _listingOf(instrument);
        (uint32 number, uint224 kept) = (listing.number, listing.kept);
        (PremiumState next, Premium memory premium) =
            PremiumAccumulator.afterFill(PremiumState.wrap(kept), fill.size, fill.maker.limitPrice, index);
        _keep(listing, number, PremiumState.unwrap(next));
        emit PremiumSampled(instrument, premium.premiumSeconds, premium.premium, premium.volume);
    }

    /// @dev For changes that are all written before any is read: `new` would make an empty one of each first.
    function _room(uint256 count) private pure returns (PortfolioChange[] memory changes) {
        assembly ("memory-safe") {
            changes := mload(0x40)
            mstore(changes, count)
            mstore(0x40, add(changes, shl(5, add(count, 1))))
        }
    }

    /// @dev What is paid is rounded up and a rebate down, in whole units of the last digit.
    function _feesOf(Fill calldata fill, FeeSchedule memory schedule)
        private
        pure
        returns (int128 makerFee, int128 takerFee)
    {
        if (schedule.recipient == address(0)) return (0, 0);
        int256 value = (uint256(fill.size) * fill.maker.limitPrice).toInt256();
        makerFee = _ceilE14(value * schedule.makerE6).toInt128();
        takerFee = _ceilE14(value * int256(uint256(schedule.takerE6))).toInt128();
    }

    function _ceilE14(int256 value) private pure returns (int256) {
        return value > 0 ? (value + 1e14 - 1) / 1e14 : value / 1e14;
    }

    function _accountOf(address owner_) private pure returns (AccountId) {
        return AccountId.wrap(bytes32(bytes20(owner_)));
    }

    function _leafOf(MarginProofs calldata proofs, InstrumentId instrument)
        private
        pure
        returns (InstrumentLeaf calldata leaf)
    {
        InstrumentLeaf[] calldata leaves = proofs.instruments;
        for (uint256 i; i < leaves.length; ++i) {
            leaf = leaves[i];
            if (InstrumentId.unwrap(leaf.instrument) == InstrumentId.unwrap(instrument)) return leaf;
        }
        revert MissingInstrument(instrument);
    }

    function _checkMatch(Fill calldata fill) private pure {
        Order calldata maker = fill.maker;
        Order calldata taker = fill.taker;
        (int128 makerSize, int128 takerSize) = (maker.size, taker.size);
        if (fill.size == 0 || makerSize == 0 || takerSize == 0) revert ZeroSize();
        if (InstrumentId.unwrap(maker.instrument) != InstrumentId.unwrap(taker.instrument)) {
            revert DifferentInstruments(maker.instrument, taker.instrument);
        }
        if (AccountId.unwrap(maker.account) == AccountId.unwrap(taker.account)) revert SelfTrade(maker.account);
        if ((makerSize > 0) == (takerSize > 0)) revert SameSide();
        (uint64 buyLimit, uint64 sellLimit) =
            makerSize > 0 ? (maker.limitPrice, taker.limitPrice) : (taker.limitPrice, maker.limitPrice);
        if (buyLimit < sellLimit) revert OrdersDoNotCross(buyLimit, sellLimit);
    }
}
