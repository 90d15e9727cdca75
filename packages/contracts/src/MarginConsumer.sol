// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IMarginConsumer, MarginProofs} from "./interfaces/IMarginConsumer.sol";
import {ISolvencyAttestations} from "./interfaces/ISolvencyAttestations.sol";
import {Leg} from "./libraries/MarginCheck.sol";
import {MarginLeaves, PostedEpoch} from "./libraries/MarginLeaves.sol";
import {Book, PortfolioBook, Position} from "./libraries/PortfolioBook.sol";
import {Draft, PortfolioChange, PortfolioDraft} from "./libraries/PortfolioDraft.sol";
import {Priced} from "./libraries/PricedInstruments.sol";
import {Attestation} from "./types/Attestation.sol";
import {AccountId, InstrumentId} from "./types/Ids.sol";

/// @title Base of a contract that lets accounts trade within their allotments
/// @notice Inherit, and change portfolios through `_changePortfolios` alone: it checks every change and emits the
/// events from which operators rebuild portfolios. How accounts come to a trade is the inheriting contract's affair,
/// and so is that cash and sizes sum to zero over accounts.
abstract contract MarginConsumer is IMarginConsumer {
    using MarginLeaves for MarginProofs;
    using PortfolioBook for Book;
    using PortfolioDraft for Draft;

    /// @dev An instrument that some account held here. Books name it by its number, from 1.
    /// @param kept For the inheriting contract: a trade reads the slot anyway.
    struct Listing {
        uint32 number;
        uint224 kept;
    }

    ISolvencyAttestations internal immutable _attestations;

    mapping(AccountId => Book) private _books;
    mapping(InstrumentId => Listing) private _listings;
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
        return _books[account].sizeIn(_listings[instrument].number);
    }

    /// @inheritdoc IMarginConsumer
    function instruments(AccountId account) external view returns (InstrumentId[] memory held) {
        Position[] memory positions = _books[account].positions();
        held = new InstrumentId[](positions.length);
        for (uint256 i; i < held.length; ++i) {
            held[i] = _instrumentOf[positions[i].instrument() - 1];
        }
    }

    /// @inheritdoc IMarginConsumer
    function portfolioOf(AccountId account)
        external
        view
        returns (int128 cash_, InstrumentId[] memory held, int128[] memory sizes)
    {
        Book storage book = _books[account];
        Position[] memory positions = book.positions();
        cash_ = book.cash;
        held = new InstrumentId[](positions.length);
        sizes = new int128[](positions.length);
        for (uint256 i; i < held.length; ++i) {
            held[i] = _instrumentOf[positions[i].instrument() - 1];
            sizes[i] = positions[i].size();
        }
    }

    /// @inheritdoc IMarginConsumer
    function attestations() external view returns (address) {
        return address(_attestations);
    }

    /// @notice Changes portfolios, each checked against its account's allotment in the newest posted epoch.
    /// @dev All changes of one account are one change: only what they come to is checked.
    function _changePortfolios(PortfolioChange[] memory changes, MarginProofs calldata proofs) internal {
        _changePortfolios(changes, proofs, AccountId.wrap(0));
    }

    /// @param seized An account that its owner does not change: if it is insolvent, it has its allotment nevertheless.
    function _changePortfolios(PortfolioChange[] memory changes, MarginProofs calldata proofs, AccountId seized)
        internal
    {
        PostedEpoch memory epoch = _postedEpoch();
        (Priced[] memory priced, uint256 scenarios) = proofs.prove(epoch);
        _number(priced);
        for (uint256 i; i < changes.length; ++i) {
            if (_isNamedBefore(changes, i)) continue;
            AccountId account = changes[i].account;
            Draft memory draft = _draft(account, priced, changes.length - i);
            for (uint256 j = i; j < changes.length; ++j) {
                if (changes[j].account == account) draft.add(changes[j], priced);
            }
            draft.revaluation.scenarios = scenarios;
            draft.check(proofs.limitOf(account, address(this), epoch, seized));
            _write(draft);
        }
    }

    /// @notice Gives an account cash, which leaves it no worse in any scenario: nothing has to be proven.
    /// @param instrument The one that `PortfolioChanged` names.
    function _credit(AccountId account, InstrumentId instrument, uint128 amount) internal {
        Book storage book = _books[account];
        int128 cashAfter = book.cash + SafeCast.toInt128(SafeCast.toInt256(amount));
        book.cash = SafeCast.toInt96(cashAfter);
        emit PortfolioChanged(account, instrument, book.sizeIn(_listings[instrument].number), cashAfter);
    }

    /// @notice Takes cash from an account, if its allotment lets it lose that much more in every scenario.
    /// @param instrument The one that `PortfolioChanged` names.
    /// @param proofs The account, and every instrument that it holds here.
    function _debit(AccountId account, InstrumentId instrument, uint128 amount, MarginProofs calldata proofs) internal {
        PostedEpoch memory epoch = _postedEpoch();
        (Priced[] memory priced, uint256 scenarios) = proofs.prove(epoch);
        _number(priced);
        Draft memory draft = _draft(account, priced, 0);
        draft.cash -= SafeCast.toInt256(amount);
        draft.revaluation.fixedChange = -SafeCast.toInt256(amount) * 1e8;
        draft.revaluation.scenarios = scenarios;
        draft.check(proofs.limitOf(account, address(this), epoch, AccountId.wrap(0)));
        Book storage book = _books[account];
        book.cash = SafeCast.toInt96(draft.cash);
        emit PortfolioChanged(account, instrument, book.sizeIn(_listings[instrument].number), book.cash);
    }

    /// @notice A counter of the account, for the inheriting contract: reading it costs a trade next to nothing.
    function _seriesOf(AccountId account) internal view virtual returns (uint64) {
        return _books[account].series;
    }

    function _beginSeries(AccountId account) internal virtual returns (uint64) {
        return ++_books[account].series;
    }

    /// @notice The instrument's slot, of which 224 bits are kept for the inheriting contract, likewise.
    function _listingOf(InstrumentId instrument) internal view returns (Listing storage) {
        return _listings[instrument];
    }

    /// @notice Writes the bits kept for the inheriting contract.
    /// @param number_ As it was read with what was kept before: the slot is written whole, without reading it again.
    function _keep(Listing storage listing, uint32 number_, uint224 kept) internal {
        assembly ("memory-safe") {
            // Listing: number 32 bits, kept 224.
            sstore(listing.slot, or(and(number_, 0xffffffff), shl(32, kept)))
        }
    }

    /// @notice Turns a position into cash at a price, whatever that does to the account: nothing is checked. Nothing
    /// happens to an account without one.
    /// @param price Of a unit, USD with 8 decimals.
    /// @param carry What rounding left of earlier ones, USD with 16 decimals, below 1e8.
    /// @return carryAfter What it leaves now: cash is rounded down, after the carry is added.
    function _closeAt(AccountId account, InstrumentId instrument, int256 price, uint256 carry)
        internal
        returns (uint256 carryAfter)
    {
        Book storage book = _books[account];
        int256 size = book.remove(_listings[instrument].number);
        if (size == 0) return carry;
        int256 value = size * price + SafeCast.toInt256(carry);
        int256 paid = value / 1e8;
        if (paid * 1e8 > value) --paid;
        int256 cashAfter = book.cash + paid;
        book.cash = SafeCast.toInt96(cashAfter);
        emit PortfolioChanged(account, instrument, 0, SafeCast.toInt128(cashAfter));
        return SafeCast.toUint256(value - paid * 1e8);
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
            if (changes[j].account == changes[i].account) return true;
        }
        return false;
    }

    function _number(Priced[] memory priced) private view {
        for (uint256 i; i < priced.length; ++i) {
            priced[i] = priced[i].numbered(_listings[priced[i].leaf().instrument].number);
        }
    }

    function _draft(AccountId account, Priced[] memory priced, uint256 more) private view returns (Draft memory draft) {
        uint256 unpriced = draft.open(account, _books[account], priced, more);
        if (unpriced != 0) revert MissingInstrument(_instrumentOf[unpriced - 1]);
    }

    /// @dev Closed positions leave a gap that those after them fill, in their order. The first position is written with
    /// the cash, into one slot.
    function _write(Draft memory draft) private {
        Book storage book = _books[draft.account];
        Leg[] memory legs = draft.revaluation.legs;
        int128 cashAfter = SafeCast.toInt128(draft.cash);
        Position first;
        uint256 count;
        unchecked {
            for (uint256 i; i < legs.length; ++i) {
                Leg memory leg = legs[i];
                bool changed = leg.changed;
                if (leg.sizeAfter != 0) {
                    if (count == 0) first = PortfolioBook.pack(leg.sizeAfter, _numberOf(leg.priced));
                    else if (changed || count != i) _writePosition(draft.account, book, count, leg);
                    ++count;
                }
                if (changed) {
                    InstrumentId id = leg.priced.leaf().instrument;
                    emit PortfolioChanged(draft.account, id, SafeCast.toInt128(leg.sizeAfter), cashAfter);
                }
            }
            for (uint256 i = count == 0 ? 1 : count; i < draft.held; ++i) {
                book.clear(i);
            }
        }
        book.setHead(draft.head, SafeCast.toInt96(draft.cash), count, first);
    }

    function _writePosition(AccountId account, Book storage book, uint256 index, Leg memory leg) private {
        if (index >= PortfolioBook.MOST_POSITIONS) revert TooManyPositions(account, PortfolioBook.MOST_POSITIONS);
        book.set(index, PortfolioBook.pack(leg.sizeAfter, _numberOf(leg.priced)));
    }

    /// @dev An instrument gets its number when an account first holds it, which may be in this very call.
    function _numberOf(Priced priced) private returns (uint256 number) {
        number = priced.number();
        if (number != 0) return number;
        InstrumentId id = priced.leaf().instrument;
        number = _listings[id].number;
        if (number != 0) return number;
        _instrumentOf.push(id);
        number = _instrumentOf.length;
        _listings[id].number = SafeCast.toUint32(number);
    }
}
