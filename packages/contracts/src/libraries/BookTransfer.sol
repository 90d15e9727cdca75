// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {AccountId} from "../types/Ids.sol";
import {InstrumentLeaf} from "../types/Leaves.sol";
import {LocalBook, LocalBooks} from "./LocalBook.sol";
import {PortfolioChange} from "./PortfolioDraft.sol";

/// @notice Positions that one account gives to another, and the cash that it gets for them.
/// @param sizes For every proven instrument, in their order: units given, with 8 decimals.
/// @param cash What comes back for each, USD with 8 decimals.
struct BookTransfer {
    int256[] sizes;
    int256[] cash;
}

using BookTransfers for BookTransfer global;

/// @title Moving positions between two accounts, so that cash and sizes sum to zero by construction
library BookTransfers {
    using SafeCast for int256;

    /// @notice The units at mark, the cash for each rounded up: in favour of the one who gives.
    function atMark(int256[] memory sizes, InstrumentLeaf[] calldata instruments)
        internal
        pure
        returns (BookTransfer memory transfer)
    {
        transfer.sizes = sizes;
        transfer.cash = new int256[](sizes.length);
        for (uint256 i; i < sizes.length; ++i) {
            if (sizes[i] == 0) continue;
            int256 valueE16 = sizes[i] * LocalBooks.markOf(instruments[i]);
            int256 paid = valueE16 / 1e8;
            transfer.cash[i] = paid * 1e8 < valueE16 ? paid + 1 : paid;
        }
    }

    /// @notice Whether no position moves.
    function movesNothing(BookTransfer memory transfer) internal pure returns (bool) {
        for (uint256 i; i < transfer.sizes.length; ++i) {
            if (transfer.sizes[i] != 0) return false;
        }
        return true;
    }

    /// @notice More cash, or less, for the one who gives: with the first position that moves, or else with the first
    /// instrument.
    function addCash(BookTransfer memory transfer, int256 amount) internal pure {
        uint256 at;
        while (at < transfer.sizes.length && transfer.sizes[at] == 0) ++at;
        transfer.cash[at == transfer.sizes.length ? 0 : at] += amount;
    }

    /// @notice The giver's book afterwards.
    function leaves(BookTransfer memory transfer, LocalBook memory book) internal pure returns (LocalBook memory left) {
        left.cash = book.cash;
        left.sizes = new int256[](book.sizes.length);
        for (uint256 i; i < left.sizes.length; ++i) {
            left.sizes[i] = book.sizes[i] - transfer.sizes[i];
            left.cash += transfer.cash[i];
        }
    }

    /// @notice What it does to both.
    function changes(
        BookTransfer memory transfer,
        AccountId giver,
        AccountId taker,
        InstrumentLeaf[] calldata instruments
    ) internal pure returns (PortfolioChange[] memory both) {
        uint256 count = _count(transfer);
        both = new PortfolioChange[](2 * count);
        _fill(transfer, giver, -1, instruments, both, 0);
        _fill(transfer, taker, 1, instruments, both, count);
    }

    /// @notice What it does to the giver alone.
    function givenBy(BookTransfer memory transfer, AccountId giver, InstrumentLeaf[] calldata instruments)
        internal
        pure
        returns (PortfolioChange[] memory given)
    {
        given = new PortfolioChange[](_count(transfer));
        _fill(transfer, giver, -1, instruments, given, 0);
    }

    /// @notice What it does to the taker alone.
    function takenBy(BookTransfer memory transfer, AccountId taker, InstrumentLeaf[] calldata instruments)
        internal
        pure
        returns (PortfolioChange[] memory taken)
    {
        taken = new PortfolioChange[](_count(transfer));
        _fill(transfer, taker, 1, instruments, taken, 0);
    }

    function _fill(
        BookTransfer memory transfer,
        AccountId account,
        int256 sign,
        InstrumentLeaf[] calldata instruments,
        PortfolioChange[] memory into,
        uint256 at
    ) private pure {
        for (uint256 i; i < transfer.sizes.length; ++i) {
            (int256 size, int256 cash) = (sign * transfer.sizes[i], -sign * transfer.cash[i]);
            if (size == 0 && cash == 0) continue;
            into[at++] = PortfolioChange(account, instruments[i].instrument, size.toInt128(), cash.toInt128());
        }
    }

    function _count(BookTransfer memory transfer) private pure returns (uint256 count) {
        for (uint256 i; i < transfer.sizes.length; ++i) {
            if (transfer.sizes[i] != 0 || transfer.cash[i] != 0) ++count;
        }
    }
}
