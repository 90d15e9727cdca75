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
/// @param others The positions after it, two a slot.
struct Book {
    int96 cash;
    uint8 count;
    uint24 series;
    Position first;
    Position[15] others;
}

/// @title Storage of one account's portfolio
library PortfolioBook {
    using SafeCast for int256;

    /// @notice Margin must be checked in one transaction, so an account holds only so many positions.
    uint256 internal constant MOST_POSITIONS = 16;

    /// @dev The caller keeps `index` below `count`.
    function at(Book storage book, uint256 index) internal view returns (Position) {
        return index == 0 ? book.first : book.others[index - 1];
    }

    /// @notice The account's size in the instrument; 0 if it has none.
    function sizeIn(Book storage book, uint256 instrument) internal view returns (int128) {
        for (uint256 i; i < book.count; ++i) {
            Position position = at(book, i);
            if (position.instrument() == instrument) return position.size();
        }
        return 0;
    }

    /// @notice Writes one position. The caller keeps `index` below MOST_POSITIONS and the count in step.
    function set(Book storage book, uint256 index, int128 size, uint256 instrument) internal {
        _set(book, index, _position(size, instrument));
    }

    /// @notice Forgets one position.
    function clear(Book storage book, uint256 index) internal {
        _set(book, index, Position.wrap(0));
    }

    function _set(Book storage book, uint256 index, Position position) private {
        if (index == 0) book.first = position;
        else book.others[index - 1] = position;
    }

    function _position(int128 size, uint256 instrument) private pure returns (Position) {
        // casting to 'uint96' is safe because it keeps the bits of an int96
        // forge-lint: disable-next-line(unsafe-typecast)
        return Position.wrap((uint128(uint96(int256(size).toInt96())) << 32) | SafeCast.toUint32(instrument));
    }
}
