// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {MarginProofs} from "../interfaces/IMarginConsumer.sol";
import {IMarketLiquidation} from "../interfaces/IMarketLiquidation.sol";
import {BookTransfer, BookTransfers} from "../libraries/BookTransfer.sol";
import {LocalBook, LocalBooks} from "../libraries/LocalBook.sol";
import {PackedInt64} from "../libraries/PackedInt64.sol";
import {AccountId} from "../types/Ids.sol";
import {AccountLeaf, AccountStatus, InstrumentLeaf} from "../types/Leaves.sol";
import {LiquidationBase} from "./LiquidationBase.sol";

/// @title Insolvent accounts: the backstop takes them over
abstract contract MarketBackstop is LiquidationBase {
    /// @inheritdoc IMarketLiquidation
    AccountId public backstop;
    /// @inheritdoc IMarketLiquidation
    AccountId public namedBackstop;
    /// @inheritdoc IMarketLiquidation
    uint128 public backstopLoss;

    /// @inheritdoc IMarketLiquidation
    function nameBackstop(AccountId account) external {
        if (msg.sender != Ownable(address(_market)).owner()) revert Ownable.OwnableUnauthorizedAccount(msg.sender);
        namedBackstop = account;
        emit BackstopNamed(account);
        if (account == NOBODY) _setBackstop(NOBODY);
    }

    /// @inheritdoc IMarketLiquidation
    function acceptBackstop() external {
        AccountId named = namedBackstop;
        _checkOwner(named);
        namedBackstop = NOBODY;
        _setBackstop(named);
    }

    /// @inheritdoc IMarketLiquidation
    function resignBackstop() external {
        _checkOwner(backstop);
        _setBackstop(NOBODY);
    }

    /// @inheritdoc IMarketLiquidation
    function takeOver(AccountId account, uint64 fraction, MarginProofs calldata proofs)
        external
        returns (uint128 loss)
    {
        _checkFraction(fraction);
        _prove(proofs);
        AccountId taker = backstop;
        if (taker == NOBODY) revert NoBackstop();
        if (taker == account) revert OwnTaker(account);
        BookTransfer memory taken;
        (taken, loss) = _takeOver(account, fraction, proofs);
        if (loss == 0 && taken.movesNothing()) revert NothingToMove(account);
        backstopLoss += loss;
        _market.changePortfolios(taken.changes(account, taker, proofs.instruments), proofs, account);
        emit TakenOver(account, taker, fraction, loss);
    }

    /// @notice What the backstop would take, and pay beyond the mark.
    function _takeOver(AccountId account, uint64 fraction, MarginProofs calldata proofs)
        internal
        view
        returns (BookTransfer memory taken, uint128 loss)
    {
        InstrumentLeaf[] calldata instruments = proofs.instruments;
        if (instruments.length == 0) revert NoInstrumentProven();
        LocalBook memory book = LocalBooks.load(address(_market), account, instruments);
        taken = BookTransfers.atMark(book.part(instruments, fraction, true), instruments);
        uint256 owedE16 = _owedE16(_insolventLeaf(proofs, account), book, instruments);
        loss = SafeCast.toUint128(_ceilE8(owedE16 * fraction / ALL + (owedE16 * fraction % ALL == 0 ? 0 : 1)));
        taken.addCash(int256(uint256(loss)));
    }

    /// @notice What the account owes here at mark beyond what it may be left owing, USD with 16 decimals.
    /// @dev An insolvent account's allotment is the same in every scenario.
    function _owedE16(AccountLeaf calldata leaf, LocalBook memory book, InstrumentLeaf[] calldata instruments)
        internal
        pure
        returns (uint256)
    {
        int256 allotted = PackedInt64.at(PackedInt64.start(leaf.allotment), 0) * 1e8;
        int256 owed = -book.markE16(instruments) - allotted;
        return SafeCast.toUint256(FixedPointMathLib.max(owed, 0));
    }

    function _insolventLeaf(MarginProofs calldata proofs, AccountId account)
        internal
        view
        returns (AccountLeaf calldata leaf)
    {
        leaf = _leafOf(proofs, account);
        if (leaf.status != AccountStatus.Insolvent) revert NotInsolvent(account);
    }

    function _checkOwner(AccountId account) private view {
        if (account == NOBODY || msg.sender != account.ownerOf()) revert NotBackstopOwner(account, msg.sender);
    }

    function _setBackstop(AccountId account) private {
        backstop = account;
        emit BackstopSet(account);
    }
}
