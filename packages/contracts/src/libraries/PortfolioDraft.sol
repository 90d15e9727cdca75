// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {IMarginConsumer} from "../interfaces/IMarginConsumer.sol";
import {AccountId, InstrumentId} from "../types/Ids.sol";
import {InstrumentLeaf, InstrumentStatus} from "../types/Leaves.sol";
import {Leg, MarginCheck, Revaluation} from "./MarginCheck.sol";
import {Limit} from "./MarginLeaves.sol";
import {Book, PortfolioBook} from "./PortfolioBook.sol";
import {PortfolioLegs} from "./PortfolioLegs.sol";
import {Priced, PricedInstruments} from "./PricedInstruments.sol";

/// @notice What a consumer wants to do to one account.
/// @param sizeChange Units with 8 decimals.
/// @param cashChange USD with 8 decimals.
struct PortfolioChange {
    AccountId account;
    InstrumentId instrument;
    int128 sizeChange;
    int128 cashChange;
}

/// @notice A change of one account worked out but not written. The first `held` legs are its positions in their order.
/// @param head The first slot of its book, as it is before.
struct Draft {
    AccountId account;
    uint256 head;
    int256 cash;
    uint256 held;
    Revaluation revaluation;
}

/// @title Working out what a change comes to, and whether it is allowed
library PortfolioDraft {
    using PricedInstruments for Priced[];

    /// @notice Makes a new draft the account as it is, with room for `more` instruments.
    /// @return unpriced The number of an instrument that it holds and that is not among those given, else 0.
    function open(Draft memory draft, AccountId account, Book storage book, Priced[] memory priced, uint256 more)
        internal
        view
        returns (uint256 unpriced)
    {
        Leg[] memory legs;
        (legs, draft.head, unpriced) = PortfolioLegs.load(book, priced, more);
        draft.cash = PortfolioBook.cashIn(draft.head);
        draft.account = account;
        draft.held = legs.length;
        draft.revaluation.legs = legs;
    }

    function add(Draft memory draft, PortfolioChange memory change, Priced[] memory priced) internal pure {
        Leg[] memory legs = draft.revaluation.legs;
        Leg memory leg = legs[_placeOf(legs, change.instrument, priced)];
        leg.sizeAfter += change.sizeChange;
        leg.sizeChange += change.sizeChange;
        leg.changed = true;
        draft.cash += change.cashChange;
        draft.revaluation.fixedChange += int256(change.cashChange) * 1e8;
    }

    /// @notice Reverts if the change is not allowed.
    function check(Draft memory draft, Limit memory limit) internal pure {
        _value(draft);
        Revaluation memory revaluation = draft.revaluation;
        (uint256 scenario, uint256 excess) = MarginCheck.firstBreach(revaluation, limit.allotmentAt);
        if (scenario < revaluation.scenarios) {
            if (limit.allotmentAt == MarginCheck.NO_ALLOTMENT) {
                revert IMarginConsumer.OnlyReductionsAllowed(draft.account, scenario);
            }
            revert IMarginConsumer.AllotmentExceeded(draft.account, scenario, _ceilE8(excess));
        }
        uint256 gross = revaluation.grossAfter;
        if (gross > revaluation.grossBefore && gross > limit.grossLimit * 1e8) {
            revert IMarginConsumer.GrossLimitExceeded(draft.account, _ceilE8(gross), limit.grossLimit);
        }
    }

    /// @dev Where the instrument's leg is; a new one if the account has none.
    function _placeOf(Leg[] memory legs, InstrumentId instrument, Priced[] memory priced)
        private
        pure
        returns (uint256 place)
    {
        uint256 at = priced.indexOf(instrument);
        if (at == priced.length) revert IMarginConsumer.MissingInstrument(instrument);
        Priced wanted = priced[at];
        uint256 count = legs.length;
        unchecked {
            for (; place < count; ++place) {
                if (Priced.unwrap(legs[place].priced) == Priced.unwrap(wanted)) return place;
            }
        }
        _setLength(legs, count + 1);
        legs[place] = Leg(wanted.pricesAt(), 0, 0, false, wanted);
    }

    function _value(Draft memory draft) private pure {
        Revaluation memory revaluation = draft.revaluation;
        (Leg[] memory moved, uint256 charges, uint256 unmoved) = PortfolioLegs.total(revaluation.legs);
        revaluation.moved = moved;
        revaluation.fixedAfter = draft.cash * 1e8 - SafeCast.toInt256(charges);
        revaluation.grossBefore = unmoved;
        revaluation.grossAfter = unmoved;
        for (uint256 i; i < moved.length; ++i) {
            _valueMoved(revaluation, moved[i], draft.account);
        }
    }

    function _valueMoved(Revaluation memory revaluation, Leg memory leg, AccountId account) private pure {
        InstrumentLeaf calldata leaf = leg.priced.leaf();
        int256 sizeBefore = leg.sizeAfter - leg.sizeChange;
        if (leaf.status != InstrumentStatus.Active && !_shrinks(sizeBefore, leg.sizeAfter)) {
            revert IMarginConsumer.InstrumentReduceOnly(account, leaf.instrument);
        }
        uint256 unitsBefore = FixedPointMathLib.abs(sizeBefore);
        uint256 unitsAfter = FixedPointMathLib.abs(leg.sizeAfter);
        revaluation.grossBefore += unitsBefore * leaf.notional;
        revaluation.grossAfter += unitsAfter * leaf.notional;
        revaluation.fixedChange += SafeCast.toInt256(unitsBefore * leaf.charge)
        - SafeCast.toInt256(unitsAfter * leaf.charge);
    }

    /// @dev Towards zero and not past it, or not at all.
    function _shrinks(int256 sizeBefore, int256 sizeAfter) private pure returns (bool) {
        return sizeBefore < 0 ? sizeBefore <= sizeAfter && sizeAfter <= 0 : 0 <= sizeAfter && sizeAfter <= sizeBefore;
    }

    /// @dev Within the room that was made for it.
    function _setLength(Leg[] memory legs, uint256 count) private pure {
        assembly ("memory-safe") {
            mstore(legs, count)
        }
    }

    function _ceilE8(uint256 valueE16) private pure returns (uint256) {
        return FixedPointMathLib.divUp(valueE16, 1e8);
    }
}
