// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Leg} from "./MarginCheck.sol";
import {Book} from "./PortfolioBook.sol";
import {Priced} from "./PricedInstruments.sol";

/// @title The two loops over all of an account's positions, besides the check, that every trade runs
/// @dev Where the layouts are named, they are those of Book, Leg, Priced and InstrumentLeaf.
library PortfolioLegs {
    /// @notice The account's positions in their order, each with its instrument. Portfolios are often in the order of
    /// their instruments: the search for one begins where the last one was found.
    /// @param more For how many legs after these there has to be room.
    /// @return legs The positions.
    /// @return head The book's first slot.
    /// @return unpriced The number of the first instrument that is not among those given, else 0.
    function load(Book storage book, Priced[] memory priced, uint256 more)
        internal
        view
        returns (Leg[] memory legs, uint256 head, uint256 unpriced)
    {
        assembly ("memory-safe") {
            let first := add(priced, 0x20)
            let end := add(first, shl(5, mload(priced)))
            let entry := first
            // Book: cash 96 bits, count 8, series 24, first position 128; then two positions a slot.
            let slot := book.slot
            let half := sload(slot)
            let count := and(shr(96, half), 0xff)
            head := half
            half := shr(128, half)
            legs := mload(0x40)
            mstore(legs, count)
            let leg := add(legs, shl(5, add(add(count, more), 1)))
            for { let i := 1 } iszero(gt(i, count)) { i := add(i, 1) } {
                if gt(i, 1) {
                    switch and(i, 1)
                    case 0 { half := sload(add(slot, shr(1, i))) }
                    default { half := shr(128, half) }
                }
                // Position: the instrument's number 32 bits, size 96.
                let wanted := and(half, 0xffffffff)
                let tried := first
                for {} and(lt(tried, end), iszero(eq(wanted, shr(128, mload(entry))))) { tried := add(tried, 0x20) } {
                    entry := add(entry, 0x20)
                    if eq(entry, end) { entry := first }
                }
                if eq(tried, end) {
                    unpriced := wanted
                    break
                }
                let found := mload(entry)
                mstore(leg, and(found, 0xffffffffffffffff))
                mstore(add(leg, 0x20), signextend(11, shr(32, half)))
                mstore(add(leg, 0x40), 0)
                mstore(add(leg, 0x60), 0)
                mstore(add(leg, 0x80), found)
                mstore(add(legs, shl(5, i)), leg)
                leg := add(leg, 0xa0)
            }
            mstore(0x40, leg)
        }
    }

    /// @notice Sums over all legs, at their sizes after the change, USD with 16 decimals.
    /// @dev Nothing overflows: sizes are sums of int128, notional and charge have 64 bits, legs are few.
    /// @return moved The legs that change.
    /// @return charges Of all legs together.
    /// @return unmoved Notional of those that do not change.
    function total(Leg[] memory legs) internal pure returns (Leg[] memory moved, uint256 charges, uint256 unmoved) {
        assembly ("memory-safe") {
            let end := shl(5, mload(legs))
            moved := mload(0x40)
            let last := moved
            for { let at := 0 } lt(at, end) {} {
                at := add(at, 0x20)
                let leg := mload(add(legs, at))
                let units := mload(add(leg, 0x20))
                let sign := sar(255, units)
                units := sub(xor(units, sign), sign)
                let leafAt := and(shr(64, mload(add(leg, 0x80))), 0xffffffffffffffff)
                charges := add(charges, mul(units, calldataload(add(leafAt, 0x80))))
                switch mload(add(leg, 0x60))
                case 0 { unmoved := add(unmoved, mul(units, calldataload(add(leafAt, 0x60)))) }
                default {
                    last := add(last, 0x20)
                    mstore(last, leg)
                }
            }
            mstore(moved, shr(5, sub(last, moved)))
            mstore(0x40, add(last, 0x20))
        }
    }
}
