// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {MerkleProofLib} from "solady/utils/MerkleProofLib.sol";
import {MarginProofs} from "../interfaces/IMarginConsumer.sol";
import {IMarketLiquidation} from "../interfaces/IMarketLiquidation.sol";
import {BookTransfer, BookTransfers} from "../libraries/BookTransfer.sol";
import {LeafHash} from "../libraries/LeafHash.sol";
import {LocalBook, LocalBooks} from "../libraries/LocalBook.sol";
import {PostedEpoch} from "../libraries/MarginLeaves.sol";
import {AccountId} from "../types/Ids.sol";
import {DeleverageLeaf, InstrumentLeaf} from "../types/Leaves.sol";
import {MarketBackstop} from "./MarketBackstop.sol";

/// @title Insolvent accounts: those on the other side are closed, where the backstop has no room
abstract contract MarketDeleveraging is MarketBackstop {
    /// @notice If the backstop cannot take so large a part of a book, it has no room.
    uint64 public constant BACKSTOP_STEP = 1e18 / 16;

    /// @dev One call on its way along the queue.
    /// @param wanted Units that are still to be closed, by instrument.
    /// @param closed All that was closed so far.
    /// @param owed What counterparties pay for the whole book, USD with 8 decimals.
    /// @param grossE16 Notional of the whole book.
    /// @param closedE16 Notional closed so far.
    /// @param paid What counterparties paid so far.
    struct Closing {
        int256[] wanted;
        BookTransfer closed;
        uint256 owed;
        uint256 grossE16;
        uint256 closedE16;
        uint256 paid;
    }

    /// @inheritdoc IMarketLiquidation
    function deleverage(
        AccountId account,
        uint64 fraction,
        DeleverageLeaf calldata queue,
        bytes32[] calldata queueProof,
        MarginProofs calldata proofs
    ) external {
        _checkFraction(fraction);
        _checkQueue(account, queue, queueProof, _prove(proofs));
        Closing memory closing = _begin(account, fraction, proofs);
        _checkBackstop(account, fraction, proofs);
        for (uint256 i; i < queue.queue.length; ++i) {
            _closeAgainst(queue.queue[i], account, closing, proofs);
        }
        if (closing.closed.movesNothing()) revert NothingToMove(account);
        _market.changePortfolios(closing.closed.givenBy(account, proofs.instruments), proofs, account);
    }

    function _checkQueue(
        AccountId account,
        DeleverageLeaf calldata queue,
        bytes32[] calldata queueProof,
        PostedEpoch memory epoch
    ) private view {
        bool isTheirs = queue.account == account && queue.consumer == address(_market);
        if (!isTheirs || !MerkleProofLib.verifyCalldata(queueProof, epoch.root, LeafHash.hashDeleverage(queue))) {
            revert InvalidQueue(epoch.number);
        }
    }

    function _begin(AccountId account, uint64 fraction, MarginProofs calldata proofs)
        private
        view
        returns (Closing memory closing)
    {
        InstrumentLeaf[] calldata instruments = proofs.instruments;
        LocalBook memory book = LocalBooks.load(address(_market), account, instruments);
        closing.wanted = book.part(instruments, fraction, false);
        closing.closed = BookTransfer(new int256[](instruments.length), new int256[](instruments.length));
        closing.owed = _ceilE8(_owedE16(_insolventLeaf(proofs, account), book, instruments));
        closing.grossE16 = book.grossE16(instruments);
    }

    /// @dev A change that goes through shows that there is room, and is undone.
    function _checkBackstop(AccountId account, uint64 fraction, MarginProofs calldata proofs) private {
        AccountId taker = backstop;
        if (taker == NOBODY || taker == account) return;
        // Without its leaf a refusal would say nothing.
        _leafOf(proofs, taker);
        uint64 step = fraction < BACKSTOP_STEP ? fraction : BACKSTOP_STEP;
        (BookTransfer memory taken, uint128 loss) = _takeOver(account, step, proofs);
        if (loss == 0 && taken.movesNothing()) return;
        if (_tryChanges(taken.changes(account, taker, proofs.instruments), proofs, account, taker)) {
            revert BackstopHasRoom(taker);
        }
    }

    function _closeAgainst(
        AccountId counterparty,
        AccountId account,
        Closing memory closing,
        MarginProofs calldata proofs
    ) private {
        InstrumentLeaf[] calldata instruments = proofs.instruments;
        int256[] memory sizes = _opposite(counterparty, closing.wanted, instruments);
        BookTransfer memory piece = BookTransfers.atMark(sizes, instruments);
        if (piece.movesNothing()) return;
        uint256[] memory shares = _shares(sizes, closing, instruments);
        for (uint256 i; i < sizes.length; ++i) {
            piece.cash[i] += int256(shares[i]);
        }
        _leafOf(proofs, counterparty);
        if (!_tryChanges(piece.takenBy(counterparty, instruments), proofs, NOBODY, counterparty)) return;
        for (uint256 i; i < sizes.length; ++i) {
            if (sizes[i] == 0) continue;
            closing.wanted[i] -= sizes[i];
            closing.closed.sizes[i] += sizes[i];
            closing.closed.cash[i] += piece.cash[i];
            closing.closedE16 += FixedPointMathLib.abs(sizes[i]) * instruments[i].notional;
            closing.paid += shares[i];
            emit Deleveraged(
                account,
                counterparty,
                instruments[i].instrument,
                SafeCast.toInt128(sizes[i]),
                SafeCast.toUint128(shares[i])
            );
        }
    }

    /// @dev Of what is wanted, as much as the counterparty holds on the other side.
    function _opposite(AccountId counterparty, int256[] memory wanted, InstrumentLeaf[] calldata instruments)
        private
        view
        returns (int256[] memory sizes)
    {
        sizes = new int256[](wanted.length);
        for (uint256 i; i < wanted.length; ++i) {
            if (wanted[i] == 0) continue;
            int256 held = _market.position(counterparty, instruments[i].instrument);
            if (wanted[i] > 0 && held < 0) sizes[i] = FixedPointMathLib.min(wanted[i], -held);
            if (wanted[i] < 0 && held > 0) sizes[i] = FixedPointMathLib.max(wanted[i], -held);
        }
    }

    /// @dev What is paid for each: all that is due for what is closed until then, rounded up, less what was paid. So
    /// nothing is paid twice for rounding.
    function _shares(int256[] memory sizes, Closing memory closing, InstrumentLeaf[] calldata instruments)
        private
        pure
        returns (uint256[] memory shares)
    {
        shares = new uint256[](sizes.length);
        (uint256 closedE16, uint256 paid) = (closing.closedE16, closing.paid);
        for (uint256 i; i < sizes.length; ++i) {
            if (sizes[i] == 0) continue;
            closedE16 += FixedPointMathLib.abs(sizes[i]) * instruments[i].notional;
            shares[i] = FixedPointMathLib.mulDivUp(closing.owed, closedE16, closing.grossE16) - paid;
            paid += shares[i];
        }
    }
}
