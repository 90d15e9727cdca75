// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Priced} from "./PricedInstruments.sol";

/// @notice One instrument of a portfolio before and after a change.
/// @param pricesAt Where its risk array begins in calldata.
/// @param changed Whether the change names it, be it with a size of 0.
/// @param priced The proven instrument.
struct Leg {
    uint256 pricesAt;
    int256 sizeAfter;
    int256 sizeChange;
    bool changed;
    Priced priced;
}

/// @notice A change of a portfolio, ready to be valued in every scenario. USD with 16 decimals: cash times 1e8, and
/// sizes (8 decimals) times prices (8 decimals), so nothing is ever rounded.
/// @param legs Every instrument held before or after.
/// @param moved Those whose size changes.
/// @param scenarios How many entries every risk array has.
/// @param fixedAfter The part of the value after the change that no scenario moves: cash less contingency charges.
/// @param fixedChange By how much that part changes.
/// @param grossBefore Notional held before the change.
/// @param grossAfter Notional held after it.
struct Revaluation {
    Leg[] legs;
    Leg[] moved;
    uint256 scenarios;
    int256 fixedAfter;
    int256 fixedChange;
    uint256 grossBefore;
    uint256 grossAfter;
}

/// @title The margin check
/// @notice In every scenario: -value' <= allotment or value' >= value.
library MarginCheck {
    /// @dev No array begins at 0 of the calldata, for the selector is there.
    uint256 internal constant NO_ALLOTMENT = 0;

    /// @notice The first scenario in which the change is not allowed.
    /// @dev Nothing overflows: sizes are sums of int128, prices and allotments int64, legs few. This is where a trade
    /// spends its computation: it reads legs without Solidity's checks of bounds that cannot be crossed, and values the
    /// whole portfolio only in scenarios in which the change loses.
    /// @param allotmentAt Where the allotment begins in calldata, or NO_ALLOTMENT: then only reductions are allowed.
    /// @return scenario `scenarios` if the change is allowed.
    /// @return excess USD with 16 decimals: the loss beyond the allotment, or without one, the loss added.
    function firstBreach(Revaluation memory revaluation, uint256 allotmentAt)
        internal
        pure
        returns (uint256 scenario, uint256 excess)
    {
        assembly ("memory-safe") {
            // To `out` four sums: `base` plus size times price over the legs, in the four scenarios that one word of a
            // risk array holds. Leg: 0 pricesAt, 0x20 sizeAfter, 0x40 sizeChange.
            function sumFour(legs, sizeOffset, base, offset, out) {
                let b := base
                let c := base
                let d := base
                let end := add(add(legs, 0x20), shl(5, mload(legs)))
                for { let at := add(legs, 0x20) } lt(at, end) { at := add(at, 0x20) } {
                    let leg := mload(at)
                    let size := mload(add(leg, sizeOffset))
                    let word := calldataload(add(mload(leg), offset))
                    base := add(base, mul(size, sar(192, word)))
                    b := add(b, mul(size, sar(192, shl(64, word))))
                    c := add(c, mul(size, sar(192, shl(128, word))))
                    d := add(d, mul(size, sar(192, shl(192, word))))
                }
                mstore(out, base)
                mstore(add(out, 0x20), b)
                mstore(add(out, 0x40), c)
                mstore(add(out, 0x60), d)
            }

            // Revaluation: a word each, as declared. Beyond what is allocated: four changes, then four values.
            let out := mload(0x40)
            let scenarios := mload(add(revaluation, 0x40))
            for {} lt(scenario, scenarios) {} {
                let offset := shl(3, scenario)
                sumFour(mload(add(revaluation, 0x20)), 0x40, mload(add(revaluation, 0x80)), offset, out)
                let end := add(scenario, 4)
                if gt(end, scenarios) { end := scenarios }
                let sign := or(or(mload(out), mload(add(out, 0x20))), or(mload(add(out, 0x40)), mload(add(out, 0x60))))
                if iszero(slt(sign, 0)) {
                    scenario := end
                    continue
                }
                let allotments := 0
                switch allotmentAt
                // Without an allotment what is lost is in excess, as if the change were all there is.
                case 0 { mcopy(add(out, 0x80), out, 0x80) }
                default {
                    allotments := calldataload(add(allotmentAt, offset))
                    sumFour(mload(revaluation), 0x20, mload(add(revaluation, 0x60)), offset, add(out, 0x80))
                }
                for { let at := out } lt(scenario, end) { scenario := add(scenario, 1) } {
                    if slt(mload(at), 0) {
                        let value := add(mload(add(at, 0x80)), mul(sar(192, allotments), 100000000))
                        if slt(value, 0) {
                            excess := sub(0, value)
                            break
                        }
                    }
                    at := add(at, 0x20)
                    allotments := shl(64, allotments)
                }
                if excess { break }
            }
        }
    }
}
