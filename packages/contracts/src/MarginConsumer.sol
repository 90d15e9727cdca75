// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {IMarginConsumer, MarginProofs} from "./interfaces/IMarginConsumer.sol";
import {ISolvencyAttestations} from "./interfaces/ISolvencyAttestations.sol";
import {Leg, MarginCheck, Revaluation} from "./libraries/MarginCheck.sol";
import {Limit, MarginLeaves, PostedEpoch} from "./libraries/MarginLeaves.sol";
import {PackedInt64} from "./libraries/PackedInt64.sol";
import {Book, PortfolioBook, Position} from "./libraries/PortfolioBook.sol";
import {Attestation} from "./types/Attestation.sol";
import {AccountId, InstrumentId} from "./types/Ids.sol";
import {InstrumentLeaf} from "./types/Leaves.sol";

/// @notice What a consumer wants to do to one account.
/// @param sizeChange Units with 8 decimals.
/// @param cashChange USD with 8 decimals.
struct PortfolioChange {
    AccountId account;
    InstrumentId instrument;
    int128 sizeChange;
    int128 cashChange;
}

/// @title Base of a contract that lets accounts trade within their allotments
/// @notice Inherit, and change portfolios through `_changePortfolios` alone: it checks every change and emits the
/// events from which operators rebuild portfolios. How accounts come to a trade is the inheriting contract's affair,
/// and so is that cash and sizes sum to zero over accounts.
abstract contract MarginConsumer is IMarginConsumer {
    using MarginLeaves for MarginProofs;
    using PortfolioBook for Book;

    /// @dev A proven instrument, `onlyShrinks` if it is not active. `number` is 0 while no account ever held it here.
    struct Priced {
        InstrumentId id;
        uint256 number;
        bool onlyShrinks;
        uint256 notional;
        uint256 charge;
        uint256 pricesAt;
    }

    /// @dev A change of one account worked out but not written. The first `held` legs are its positions in their order;
    /// `priced[i]` belongs to `revaluation.legs[i]`.
    struct Draft {
        AccountId account;
        int256 cash;
        uint256 held;
        Priced[] priced;
        Revaluation revaluation;
    }

    ISolvencyAttestations internal immutable _attestations;

    mapping(AccountId => Book) private _books;
    mapping(InstrumentId => uint32) private _numberOf;
    InstrumentId[] private _instrumentOf;

    /// @param attestations_ This chain's SolvencyAttestations.
    constructor(address attestations_) {
        _attestations = ISolvencyAttestations(attestations_);
    }

    /// @inheritdoc IMarginConsumer
    function cash(AccountId account) public view returns (int128) {
        return _books[account].cash;
    }

    /// @inheritdoc IMarginConsumer
    function position(AccountId account, InstrumentId instrument) public view returns (int128) {
        return _books[account].sizeIn(_numberOf[instrument]);
    }

    /// @inheritdoc IMarginConsumer
    function instruments(AccountId account) external view returns (InstrumentId[] memory held) {
        Book storage book = _books[account];
        held = new InstrumentId[](book.count);
        for (uint256 i; i < held.length; ++i) {
            held[i] = _instrumentOf[book.at(i).instrument() - 1];
        }
    }

    /// @inheritdoc IMarginConsumer
    function attestations() external view returns (address) {
        return address(_attestations);
    }

    /// @notice Changes portfolios, each checked against its account's allotment in the newest posted epoch.
    /// @dev All changes of one account are one change: only what they come to is checked.
    function _changePortfolios(PortfolioChange[] memory changes, MarginProofs calldata proofs) internal {
        PostedEpoch memory epoch = _postedEpoch();
        uint256 scenarios = proofs.prove(epoch);
        Priced[] memory priced = _priced(proofs);
        for (uint256 i; i < changes.length; ++i) {
            AccountId account = changes[i].account;
            if (_isNamedBefore(changes, i)) continue;
            Draft memory draft = _draft(account, priced, changes.length - i);
            for (uint256 j = i; j < changes.length; ++j) {
                if (AccountId.unwrap(changes[j].account) == AccountId.unwrap(account)) _add(draft, changes[j], priced);
            }
            draft.revaluation.scenarios = scenarios;
            _value(draft);
            _check(draft, proofs.limitOf(account, address(this), epoch));
            _write(draft);
        }
    }

    /// @notice Gives an account cash, which leaves it no worse in any scenario: nothing has to be proven.
    /// @param instrument The one that `PortfolioChanged` names.
    function _credit(AccountId account, InstrumentId instrument, uint128 amount) internal {
        Book storage book = _books[account];
        int128 cashAfter = book.cash + SafeCast.toInt128(SafeCast.toInt256(amount));
        book.cash = SafeCast.toInt96(cashAfter);
        emit PortfolioChanged(account, instrument, book.sizeIn(_numberOf[instrument]), cashAfter);
    }

    /// @notice A counter of the account, for the inheriting contract: reading it costs a trade next to nothing.
    function _seriesOf(AccountId account) internal view virtual returns (uint64) {
        return _books[account].series;
    }

    function _beginSeries(AccountId account) internal virtual returns (uint64) {
        return ++_books[account].series;
    }

    function _postedEpoch() internal view returns (PostedEpoch memory epoch) {
        uint64 expiresAt;
        (epoch.number, epoch.root, expiresAt) = _attestations.newest();
        epoch.expired = block.timestamp >= expiresAt;
    }

    /// @notice Posts a fresher attestation, unless it or a newer one is already here.
    function _postIfNewer(Attestation calldata attestation) internal {
        if (attestation.header.epoch > _newestEpoch()) _attestations.post(attestation);
    }

    /// @dev 0 before the first attestation.
    function _newestEpoch() private view returns (uint64) {
        try _attestations.newest() returns (uint64 epoch, bytes32, uint64) {
            return epoch;
        } catch {
            return 0;
        }
    }

    function _isNamedBefore(PortfolioChange[] memory changes, uint256 i) private pure returns (bool) {
        for (uint256 j; j < i; ++j) {
            if (AccountId.unwrap(changes[j].account) == AccountId.unwrap(changes[i].account)) return true;
        }
        return false;
    }

    function _priced(MarginProofs calldata proofs) private view returns (Priced[] memory priced) {
        InstrumentLeaf[] calldata leaves = proofs.instruments;
        priced = _pricedArray(leaves.length);
        for (uint256 i; i < priced.length; ++i) {
            InstrumentLeaf calldata leaf = leaves[i];
            Priced memory entry;
            entry.pricesAt = PackedInt64.start(leaf.prices);
            // Fields as declared, a word each. They are proven, so no word has bits beyond its type.
            assembly ("memory-safe") {
                mstore(entry, calldataload(leaf))
                mstore(add(entry, 0x40), iszero(iszero(calldataload(add(leaf, 0x20)))))
                calldatacopy(add(entry, 0x60), add(leaf, 0x60), 0x40)
            }
            entry.number = _numberOf[entry.id];
            priced[i] = entry;
        }
    }

    /// @dev The account as it is, with room for `more` instruments.
    function _draft(AccountId account, Priced[] memory priced, uint256 more) private view returns (Draft memory draft) {
        Book storage book = _books[account];
        draft.account = account;
        draft.cash = book.cash;
        draft.held = book.count;
        draft.priced = _pricedArray(draft.held + more);
        Leg[] memory legs = _legArray(draft.held + more);
        draft.revaluation.legs = legs;
        uint256 hint;
        for (uint256 i; i < draft.held; ++i) {
            Position current = book.at(i);
            hint = _find(priced, current.instrument(), hint);
            draft.priced[i] = priced[hint];
            legs[i] = Leg(priced[hint].pricesAt, current.size(), 0, false);
        }
        _setLength(legs, draft.held);
    }

    /// @dev Portfolios are often in the order of their instruments: the search begins where the last one ended.
    function _find(Priced[] memory priced, uint256 number, uint256 hint) private view returns (uint256) {
        for (uint256 tried; tried < priced.length; ++tried) {
            if (hint >= priced.length) hint = 0;
            if (priced[hint].number == number) return hint;
            ++hint;
        }
        revert MissingInstrument(_instrumentOf[number - 1]);
    }

    function _add(Draft memory draft, PortfolioChange memory change, Priced[] memory priced) private pure {
        Leg memory leg = _legOf(draft, change.instrument, priced);
        leg.sizeAfter += change.sizeChange;
        leg.sizeChange += change.sizeChange;
        leg.changed = true;
        draft.cash += change.cashChange;
        draft.revaluation.fixedChange += int256(change.cashChange) * 1e8;
    }

    /// @dev The instrument's leg; a new one if the account has none.
    function _legOf(Draft memory draft, InstrumentId instrument, Priced[] memory priced)
        private
        pure
        returns (Leg memory leg)
    {
        Leg[] memory legs = draft.revaluation.legs;
        for (uint256 i; i < legs.length; ++i) {
            if (InstrumentId.unwrap(draft.priced[i].id) == InstrumentId.unwrap(instrument)) return legs[i];
        }
        uint256 at;
        while (at < priced.length && InstrumentId.unwrap(priced[at].id) != InstrumentId.unwrap(instrument)) ++at;
        if (at == priced.length) revert MissingInstrument(instrument);
        uint256 count = legs.length;
        _setLength(legs, count + 1);
        draft.priced[count] = priced[at];
        leg = Leg(priced[at].pricesAt, 0, 0, false);
        legs[count] = leg;
    }

    /// @dev Arrays of pointers that are set before they are read: Solidity would make a struct for each.
    function _legArray(uint256 length) private pure returns (Leg[] memory legs) {
        uint256[] memory pointers = new uint256[](length);
        assembly ("memory-safe") {
            legs := pointers
        }
    }

    function _pricedArray(uint256 length) private pure returns (Priced[] memory priced) {
        uint256[] memory pointers = new uint256[](length);
        assembly ("memory-safe") {
            priced := pointers
        }
    }

    /// @dev Within the room that was made for it.
    function _setLength(Leg[] memory legs, uint256 count) private pure {
        assembly ("memory-safe") {
            mstore(legs, count)
        }
    }

    /// @dev Nothing overflows: sizes are sums of int128, notional and charge have 64 bits.
    function _value(Draft memory draft) private pure {
        Revaluation memory revaluation = draft.revaluation;
        Leg[] memory legs = revaluation.legs;
        Leg[] memory moved = _legArray(legs.length);
        uint256 movedCount;
        uint256 unmoved;
        int256 fixedAfter = draft.cash * 1e8;
        unchecked {
            for (uint256 i; i < legs.length; ++i) {
                Leg memory leg = legs[i];
                Priced memory priced = draft.priced[i];
                uint256 units = FixedPointMathLib.abs(leg.sizeAfter);
                // casting to 'int256' is safe because sizes and charges are far from 256 bits
                // forge-lint: disable-next-line(unsafe-typecast)
                fixedAfter -= int256(units * priced.charge);
                if (!leg.changed) {
                    unmoved += units * priced.notional;
                    continue;
                }
                moved[movedCount++] = leg;
                _valueMoved(revaluation, leg, priced, draft.account);
            }
            revaluation.grossBefore += unmoved;
            revaluation.grossAfter += unmoved;
        }
        revaluation.fixedAfter = fixedAfter;
        revaluation.moved = moved;
        _setLength(moved, movedCount);
    }

    function _valueMoved(Revaluation memory revaluation, Leg memory leg, Priced memory priced, AccountId account)
        private
        pure
    {
        int256 sizeBefore = leg.sizeAfter - leg.sizeChange;
        if (priced.onlyShrinks && !_shrinks(sizeBefore, leg.sizeAfter)) {
            revert InstrumentReduceOnly(account, priced.id);
        }
        uint256 unitsBefore = FixedPointMathLib.abs(sizeBefore);
        uint256 unitsAfter = FixedPointMathLib.abs(leg.sizeAfter);
        revaluation.grossBefore += unitsBefore * priced.notional;
        revaluation.grossAfter += unitsAfter * priced.notional;
        revaluation.fixedChange += SafeCast.toInt256(unitsBefore * priced.charge)
        - SafeCast.toInt256(unitsAfter * priced.charge);
    }

    /// @dev Towards zero and not past it, or not at all.
    function _shrinks(int256 sizeBefore, int256 sizeAfter) private pure returns (bool) {
        return sizeBefore < 0 ? sizeBefore <= sizeAfter && sizeAfter <= 0 : 0 <= sizeAfter && sizeAfter <= sizeBefore;
    }

    function _check(Draft memory draft, Limit memory limit) private pure {
        Revaluation memory revaluation = draft.revaluation;
        (uint256 scenario, uint256 excess) = MarginCheck.firstBreach(revaluation, limit.allotmentAt);
        if (scenario < revaluation.scenarios) {
            if (limit.allotmentAt == MarginCheck.NO_ALLOTMENT) revert OnlyReductionsAllowed(draft.account, scenario);
            revert AllotmentExceeded(draft.account, scenario, _ceilE8(excess));
        }
        uint256 gross = revaluation.grossAfter;
        if (gross > revaluation.grossBefore && gross > limit.grossLimit * 1e8) {
            revert GrossLimitExceeded(draft.account, _ceilE8(gross), limit.grossLimit);
        }
    }

    /// @dev Closed positions leave a gap that those after them fill, in their order.
    function _write(Draft memory draft) private {
        Book storage book = _books[draft.account];
        Leg[] memory legs = draft.revaluation.legs;
        int128 cashAfter = SafeCast.toInt128(draft.cash);
        uint256 count;
        for (uint256 i; i < legs.length; ++i) {
            Leg memory leg = legs[i];
            int128 size = SafeCast.toInt128(leg.sizeAfter);
            if (size != 0) {
                if (count == PortfolioBook.MOST_POSITIONS) {
                    revert TooManyPositions(draft.account, PortfolioBook.MOST_POSITIONS);
                }
                if (leg.changed || count != i) book.set(count, size, _numberFor(draft.priced[i]));
                ++count;
            }
            if (leg.changed) emit PortfolioChanged(draft.account, draft.priced[i].id, size, cashAfter);
        }
        for (uint256 i = count; i < draft.held; ++i) {
            book.clear(i);
        }
        // casting to 'uint8' is safe because positions are at most 16
        // forge-lint: disable-next-line(unsafe-typecast)
        (book.cash, book.count) = (SafeCast.toInt96(draft.cash), uint8(count));
    }

    /// @dev An instrument gets its number when an account first holds it.
    function _numberFor(Priced memory priced) private returns (uint256) {
        if (priced.number == 0) {
            _instrumentOf.push(priced.id);
            priced.number = _instrumentOf.length;
            _numberOf[priced.id] = SafeCast.toUint32(priced.number);
        }
        return priced.number;
    }

    function _ceilE8(uint256 valueE16) private pure returns (uint256) {
        return FixedPointMathLib.divUp(valueE16, 1e8);
    }
}
