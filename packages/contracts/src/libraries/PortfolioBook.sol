// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice A position in half a slot: its size (int96), then the number of its instrument (uint32).
type Position is uint128;

using PositionLibrary for Position global;

library PositionLibrary {
    function size(Position position) internal pure returns (int128) {
        // casting to 'uint96' is safe because only the number of the instrument is shifted out
        // forge-lint: disable-next-line(unsafe-typecast)
        return int96(uint96(Position.unwrap(position) >> 32));
    }

    function instrument(Position position) internal pure returns (uint32) {
        // casting to 'uint32' is safe because the number of the instrument is the low 32 bits
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint32(Position.unwrap(position));
    }
}

/// @notice One account's cash and positions. An account with one position, as most have, takes one slot.
/// @dev 96 bits hold 4e20 USD or units with 8 decimals.
/// @param series A counter for the inheriting contract: here, because the slot is read anyway.
/// @param first The first position: it shares a slot with the cash.
/// @param pairs The positions after it, two a slot, the lower half first.
struct Book {
    int96 cash;
    uint8 count;
    uint24 series;
    Position first;
    uint256[8] pairs;
}

/// @title Storage of one account's portfolio
library PortfolioBook {
    using SafeCast for int256;

    /// @notice Margin must be checked in one transaction, so an account holds only so many positions.
    uint256 internal constant MOST_POSITIONS = 16;

    /// @notice All positions, in their order.
    function positions(Book storage book) internal view returns (Position[] memory all) {
        uint256 count = book.count;
        all = new Position[](count);
        if (count > 0) all[0] = book.first;
        for (uint256 i = 1; i < count; i += 2) {
            uint256 pair = book.pairs[i / 2];
            // casting to 'uint128' is safe because it takes the lower half on purpose
            // forge-lint: disable-next-line(unsafe-typecast)
            all[i] = Position.wrap(uint128(pair));
            // forge-lint: disable-next-line(unsafe-typecast)
            if (i + 1 < count) all[i + 1] = Position.wrap(uint128(pair >> 128));
        }
    }

    /// @notice The account's size in the instrument; 0 if it has none.
    function sizeIn(Book storage book, uint256 instrument) internal view returns (int128) {
        Position[] memory all = positions(book);
        for (uint256 i; i < all.length; ++i) {
            if (all[i].instrument() == instrument) return all[i].size();
        }
        return 0;
    }

    function pack(int256 size, uint256 instrument) internal pure returns (Position) {
        // casting to 'uint96' is safe because it keeps the bits of an int96
        // forge-lint: disable-next-line(unsafe-typecast)
        return Position.wrap((uint128(uint96(size.toInt96())) << 32) | SafeCast.toUint32(instrument));
    }

    /// @notice Writes one position. The caller keeps `index` below MOST_POSITIONS and the count in step.
    function set(Book storage book, uint256 index, Position position) internal {
        _set(book, index, Position.unwrap(position));
    }

    /// @notice The cash in a book's first slot.
    function cashIn(uint256 head) internal pure returns (int256) {
        // casting to 'uint96' is safe because the cash is the low 96 bits
        // forge-lint: disable-next-line(unsafe-typecast)
        return int96(uint96(head));
    }

    /// @notice Writes cash, count and first position at once: they share a slot.
    /// @param head The slot as it was read: the series stays as it is there.
    /// @param count At most MOST_POSITIONS.
    function setHead(Book storage book, uint256 head, int96 cash, uint256 count, Position first) internal {
        assembly ("memory-safe") {
            // Book: cash 96 bits, count 8, series 24, first position 128.
            let series := and(head, shl(104, 0xffffff))
            let low := or(and(cash, 0xffffffffffffffffffffffff), shl(96, count))
            sstore(book.slot, or(or(low, series), shl(128, first)))
        }
    }

    /// @notice Forgets the position in an instrument; those after it fill the gap, in their order.
    /// @return size What it was; 0 if there was none.
    function remove(Book storage book, uint256 instrument) internal returns (int128 size) {
        Position[] memory all = positions(book);
        uint256 kept;
        for (uint256 i; i < all.length; ++i) {
            if (all[i].instrument() == instrument) {
                size = all[i].size();
            } else {
                if (kept != i) _set(book, kept, Position.unwrap(all[i]));
                ++kept;
            }
        }
        if (kept == all.length) return 0;
        clear(book, kept);
        --book.count;
    }

    /// @notice Forgets one position.
    function clear(Book storage book, uint256 index) internal {
        _set(book, index, 0);
    }

    function _set(Book storage book, uint256 index, uint128 position) private {
        if (index == 0) {
            book.first = Position.wrap(position);
            return;
        }
        uint256 at = (index - 1) / 2;
        uint256 shift = index % 2 == 0 ? 128 : 0;
        book.pairs[at] = (book.pairs[at] & ~(uint256(type(uint128).max) << shift)) | (uint256(position) << shift);
    }
}
