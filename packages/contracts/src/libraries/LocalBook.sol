// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {IMarginConsumer} from "../interfaces/IMarginConsumer.sol";
import {AccountId, InstrumentId} from "../types/Ids.sol";
import {InstrumentLeaf, InstrumentStatus} from "../types/Leaves.sol";
import {PackedInt64} from "./PackedInt64.sol";

/// @notice One account's book at a consumer.
/// @param cash USD with 8 decimals.
/// @param sizes Of every proven instrument, in their order: units with 8 decimals, 0 where none is held.
struct LocalBook {
    int256 cash;
    int256[] sizes;
}

using LocalBooks for LocalBook global;

/// @title What a book is worth by proven instruments
/// @dev Nothing overflows: cash and sizes have 96 bits, prices 64, instruments are few.
library LocalBooks {
    /// @notice The book as it is now. Reverts with MissingInstrument if one that it holds is not proven.
    function load(address consumer, AccountId account, InstrumentLeaf[] calldata instruments)
        internal
        view
        returns (LocalBook memory book)
    {
        InstrumentId[] memory held;
        int128[] memory sizes;
        (book.cash, held, sizes) = IMarginConsumer(consumer).portfolioOf(account);
        book.sizes = new int256[](instruments.length);
        for (uint256 i; i < held.length; ++i) {
            book.sizes[_placeOf(held[i], instruments)] = sizes[i];
        }
    }

    /// @notice In every scenario, USD with 16 decimals: cash and sizes at its prices, less contingency charges.
    function valuesE16(LocalBook memory book, InstrumentLeaf[] calldata instruments, uint256 scenarios)
        internal
        pure
        returns (int256[] memory values)
    {
        values = new int256[](scenarios);
        int256 fixedPart = book.cash * 1e8;
        for (uint256 i; i < book.sizes.length; ++i) {
            int256 size = book.sizes[i];
            if (size == 0) continue;
            fixedPart -= int256(FixedPointMathLib.abs(size)) * int256(uint256(instruments[i].charge));
            uint256 pricesAt = PackedInt64.start(instruments[i].prices);
            unchecked {
                for (uint256 s; s < scenarios; ++s) {
                    values[s] += size * PackedInt64.at(pricesAt, s);
                }
            }
        }
        for (uint256 s; s < scenarios; ++s) {
            values[s] += fixedPart;
        }
    }

    /// @notice At mark and without charges, USD with 16 decimals.
    function markE16(LocalBook memory book, InstrumentLeaf[] calldata instruments)
        internal
        pure
        returns (int256 value)
    {
        value = book.cash * 1e8;
        for (uint256 i; i < book.sizes.length; ++i) {
            if (book.sizes[i] != 0) value += book.sizes[i] * markOf(instruments[i]);
        }
    }

    /// @notice Notional held, USD with 16 decimals.
    function grossE16(LocalBook memory book, InstrumentLeaf[] calldata instruments)
        internal
        pure
        returns (uint256 gross)
    {
        for (uint256 i; i < book.sizes.length; ++i) {
            gross += FixedPointMathLib.abs(book.sizes[i]) * instruments[i].notional;
        }
    }

    /// @notice A part of every position, rounded towards zero.
    /// @param fraction 1e18 is all.
    /// @param onlyActive Whether positions that may only shrink are left out.
    function part(LocalBook memory book, InstrumentLeaf[] calldata instruments, uint256 fraction, bool onlyActive)
        internal
        pure
        returns (int256[] memory sizes)
    {
        sizes = new int256[](book.sizes.length);
        for (uint256 i; i < sizes.length; ++i) {
            if (onlyActive && instruments[i].status != InstrumentStatus.Active) continue;
            sizes[i] = book.sizes[i] * SafeCast.toInt256(fraction) / 1e18;
        }
    }

    /// @notice Price of one unit without a shock, net of funding, USD with 8 decimals. Row 0 of every scenario set is the
    /// base.
    function markOf(InstrumentLeaf calldata leaf) internal pure returns (int256) {
        return PackedInt64.at(PackedInt64.start(leaf.prices), 0);
    }

    function _placeOf(InstrumentId instrument, InstrumentLeaf[] calldata instruments) private pure returns (uint256 i) {
        for (; i < instruments.length; ++i) {
            if (InstrumentId.unwrap(instruments[i].instrument) == InstrumentId.unwrap(instrument)) return i;
        }
        revert IMarginConsumer.MissingInstrument(instrument);
    }
}
