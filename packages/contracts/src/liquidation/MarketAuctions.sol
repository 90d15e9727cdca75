// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {MarginProofs} from "../interfaces/IMarginConsumer.sol";
import {Auction, IMarketLiquidation} from "../interfaces/IMarketLiquidation.sol";
import {ISignedOrders} from "../interfaces/ISignedOrders.sol";
import {BookTransfer, BookTransfers} from "../libraries/BookTransfer.sol";
import {LocalBook, LocalBooks} from "../libraries/LocalBook.sol";
import {PackedInt64} from "../libraries/PackedInt64.sol";
import {PostedEpoch} from "../libraries/MarginLeaves.sol";
import {AccountId} from "../types/Ids.sol";
import {AccountLeaf, AccountStatus, InstrumentLeaf} from "../types/Leaves.sol";
import {LiquidationBase} from "./LiquidationBase.sol";

/// @title Liquidatable accounts: Dutch auctions
abstract contract MarketAuctions is LiquidationBase {
    /// @notice How long the discount grows, from nothing.
    uint64 public constant AUCTION_SECONDS = 300;
    /// @notice An auction that is older is void: whoever has recovered meanwhile is not sold at the old discount.
    uint64 public constant AUCTION_VOID_SECONDS = 1_800;
    /// @notice The largest discount, as a share of the risk taken: 1e18 is all. Far below the share of it that
    /// maintenance margin is, so a sale always brings an account nearer to its maintenance.
    uint256 public constant MOST_DISCOUNT = 0.2e18;
    /// @notice A book of no more notional may be sold whole, USD with 8 decimals.
    uint256 public constant DUST = 1_000e8;

    mapping(AccountId => Auction) private _auctions;

    /// @inheritdoc IMarketLiquidation
    function startAuction(AccountId account, MarginProofs calldata proofs) external {
        PostedEpoch memory epoch = _prove(proofs);
        _checkLiquidatable(_leafOf(proofs, account));
        Auction memory auction = _auctions[account];
        if (!_isVoid(auction)) revert AuctionUnderWay(account, auction.startedAt);
        _auctions[account] = Auction(epoch.number, uint64(block.timestamp));
        emit AuctionStarted(account, epoch.number, uint64(block.timestamp));
    }

    /// @inheritdoc IMarketLiquidation
    function endAuction(AccountId account, MarginProofs calldata proofs) external {
        _prove(proofs);
        AccountStatus status = _leafOf(proofs, account).status;
        if (status == AccountStatus.Liquidatable || status == AccountStatus.Insolvent) {
            revert StillLiquidatable(account);
        }
        if (_auctions[account].startedAt == 0) revert NoAuction(account);
        delete _auctions[account];
        emit AuctionEnded(account);
    }

    /// @inheritdoc IMarketLiquidation
    function liquidate(
        AccountId account,
        AccountId taker,
        uint64 fraction,
        uint128 leastDiscount,
        MarginProofs calldata proofs
    ) external returns (uint128 discount) {
        if (msg.sender != taker.ownerOf() && block.timestamp >= _market.delegateUntil(taker, msg.sender)) {
            revert ISignedOrders.NotAllowedToTrade(taker, msg.sender);
        }
        if (account == taker) revert OwnTaker(account);
        _prove(proofs);
        BookTransfer memory sale;
        (sale, discount) = _sale(account, fraction, proofs);
        if (discount < leastDiscount) revert DiscountTooSmall(discount, leastDiscount);
        sale.addCash(-int256(uint256(discount)));
        _market.changePortfolios(sale.changes(account, taker, proofs.instruments), proofs, NOBODY);
        emit Liquidated(account, taker, fraction, discount);
    }

    /// @inheritdoc IMarketLiquidation
    function quote(AccountId account, uint64 fraction, MarginProofs calldata proofs)
        external
        view
        returns (uint128 discount)
    {
        (, discount) = _sale(account, fraction, proofs);
    }

    /// @inheritdoc IMarketLiquidation
    function auctionOf(AccountId account) external view returns (Auction memory) {
        return _auctions[account];
    }

    /// @inheritdoc IMarketLiquidation
    function discountRate(AccountId account) public view returns (uint256) {
        Auction memory auction = _auctions[account];
        if (_isVoid(auction)) return 0;
        uint256 elapsed = FixedPointMathLib.min(block.timestamp - auction.startedAt, AUCTION_SECONDS);
        return MOST_DISCOUNT * elapsed / AUCTION_SECONDS;
    }

    /// @return sale At mark, without the discount.
    function _sale(AccountId account, uint64 fraction, MarginProofs calldata proofs)
        private
        view
        returns (BookTransfer memory sale, uint128 discount)
    {
        _checkFraction(fraction);
        AccountLeaf calldata leaf = _leafOf(proofs, account);
        _checkLiquidatable(leaf);
        if (_isVoid(_auctions[account])) revert NoAuction(account);
        InstrumentLeaf[] calldata instruments = proofs.instruments;
        LocalBook memory book = LocalBooks.load(address(_market), account, instruments);
        sale = BookTransfers.atMark(book.part(instruments, fraction, true), instruments);
        if (sale.movesNothing()) revert NothingToMove(account);
        LocalBook memory left = sale.leaves(book);
        _checkTarget(leaf, book.grossE16(instruments), left.grossE16(instruments));
        uint256 wanted = discountRate(account) * _riskE16(sale, instruments, leaf.allotment.length / 8) / 1e26;
        discount = SafeCast.toUint128(FixedPointMathLib.min(wanted, _room(leaf, book, left, instruments)));
    }

    function _checkTarget(AccountLeaf calldata leaf, uint256 grossBefore, uint256 grossAfter) private pure {
        if (grossBefore <= DUST * 1e8 || grossAfter >= uint256(leaf.grossLimit) * 1e8) return;
        revert BelowTarget(leaf.account, grossAfter / 1e8, leaf.grossLimit);
    }

    /// @dev The most that what is sold can lose from mark in any scenario, USD with 16 decimals. Charges are the same in
    /// all.
    function _riskE16(BookTransfer memory sale, InstrumentLeaf[] calldata instruments, uint256 scenarios)
        private
        pure
        returns (uint256)
    {
        int256[] memory values = LocalBook(0, sale.sizes).valuesE16(instruments, scenarios);
        int256 worst = values[0];
        for (uint256 s = 1; s < scenarios; ++s) {
            worst = FixedPointMathLib.min(worst, values[s]);
        }
        return SafeCast.toUint256(values[0] - worst);
    }

    /// @dev How much the account can pay and be, in every scenario, within its allotment or no worse than before: USD
    /// with 8 decimals, rounded down.
    function _room(
        AccountLeaf calldata leaf,
        LocalBook memory book,
        LocalBook memory left,
        InstrumentLeaf[] calldata instruments
    ) private pure returns (uint256) {
        uint256 scenarios = leaf.allotment.length / 8;
        uint256 allotmentAt = PackedInt64.start(leaf.allotment);
        int256[] memory before = book.valuesE16(instruments, scenarios);
        int256[] memory afterwards = left.valuesE16(instruments, scenarios);
        int256 room = type(int256).max;
        for (uint256 s; s < scenarios; ++s) {
            int256 least = FixedPointMathLib.min(before[s], -PackedInt64.at(allotmentAt, s) * 1e8);
            int256 here = afterwards[s] - least;
            if (here < 0) revert FractionTooLarge(leaf.account, s, _ceilE8(FixedPointMathLib.abs(here)));
            room = FixedPointMathLib.min(room, here);
        }
        return SafeCast.toUint256(room) / 1e8;
    }

    function _checkLiquidatable(AccountLeaf calldata leaf) private pure {
        if (leaf.status != AccountStatus.Liquidatable) revert NotLiquidatable(leaf.account);
    }

    function _isVoid(Auction memory auction) private view returns (bool) {
        return block.timestamp > uint256(auction.startedAt) + AUCTION_VOID_SECONDS;
    }
}
