// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {MerkleProofLib} from "solady/utils/MerkleProofLib.sol";
import {AccountProof, IMarginConsumer, InstrumentProof, MarginProofs} from "./interfaces/IMarginConsumer.sol";
import {ISolvencyAttestations} from "./interfaces/ISolvencyAttestations.sol";
import {LeafHash} from "./libraries/LeafHash.sol";
import {Leg, MarginCheck, Revaluation} from "./libraries/MarginCheck.sol";
import {PackedInt64} from "./libraries/PackedInt64.sol";
import {Book, PortfolioBook, Position} from "./libraries/PortfolioBook.sol";
import {AccountId, InstrumentId} from "./types/Ids.sol";
import {AccountLeaf, InstrumentLeaf, InstrumentStatus} from "./types/Leaves.sol";

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
    using PortfolioBook for Book;

    /// @dev The newest posted epoch, as far as the check needs it.
    struct Epoch {
        uint64 number;
        bytes32 root;
        bool expired;
    }

    /// @dev A proven instrument. `number` is 0 while no account ever held it here.
    struct Priced {
        InstrumentId id;
        bool onlyShrinks;
        uint256 number;
        uint256 notional;
        uint256 charge;
        uint256 pricesAt;
    }

    /// @dev What an account may do. Without a proven leaf `allotmentAt` is NO_ALLOTMENT and `grossLimit` 0.
    struct Limit {
        uint256 allotmentAt;
        uint256 grossLimit;
    }

    /// @dev A change worked out but not written.
    /// @param index Position number of the instrument, or the number of positions if there is none in it.
    struct Draft {
        uint256 number;
        uint256 index;
        int128 size;
        int128 cash;
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
    /// @dev Changes of one account follow one another, and each is checked by itself.
    function _changePortfolios(PortfolioChange[] memory changes, MarginProofs calldata proofs) internal {
        Epoch memory epoch;
        uint64 expiresAt;
        (epoch.number, epoch.root, expiresAt) = _attestations.newest();
        epoch.expired = block.timestamp >= expiresAt;

        (Priced[] memory priced, uint256 scenarios) = _proveInstruments(proofs.instruments, epoch);
        for (uint256 i; i < changes.length; ++i) {
            PortfolioChange memory change = changes[i];
            _change(change, priced, scenarios, _proveLimit(change.account, proofs.accounts, scenarios, epoch));
        }
    }

    /// @notice The cumulative funding index of an instrument: a fill at price p moves `-size * (p - funding)` of cash.
    /// @dev As given; `_changePortfolios` with the same proofs reverts unless it is proven.
    function _fundingOf(InstrumentId instrument, MarginProofs calldata proofs) internal pure returns (int64) {
        for (uint256 i; i < proofs.instruments.length; ++i) {
            InstrumentLeaf calldata leaf = proofs.instruments[i].leaf;
            if (InstrumentId.unwrap(leaf.instrument) == InstrumentId.unwrap(instrument)) return leaf.funding;
        }
        revert MissingInstrument(instrument);
    }

    function _proveInstruments(InstrumentProof[] calldata proofs, Epoch memory epoch)
        private
        view
        returns (Priced[] memory priced, uint256 scenarios)
    {
        priced = new Priced[](proofs.length);
        bytes32 last;
        for (uint256 i; i < proofs.length; ++i) {
            InstrumentLeaf calldata leaf = proofs[i].leaf;
            bytes32 id = InstrumentId.unwrap(leaf.instrument);
            if (i > 0 && id <= last) revert InstrumentsNotAscending();
            last = id;
            if (!MerkleProofLib.verifyCalldata(proofs[i].proof, epoch.root, LeafHash.hashInstrument(leaf))) {
                revert InvalidInstrumentProof(leaf.instrument, epoch.number);
            }
            scenarios = _scenarioCount(leaf.prices, scenarios);
            Priced memory entry = priced[i];
            entry.id = leaf.instrument;
            entry.onlyShrinks = leaf.status != InstrumentStatus.Active;
            entry.number = _numberOf[leaf.instrument];
            entry.notional = leaf.notional;
            entry.charge = leaf.charge;
            entry.pricesAt = PackedInt64.start(leaf.prices);
        }
    }

    /// @dev An expired epoch's allotments are not relied on, so the account may then only reduce.
    function _proveLimit(AccountId account, AccountProof[] calldata proofs, uint256 scenarios, Epoch memory epoch)
        private
        view
        returns (Limit memory limit)
    {
        if (epoch.expired) return limit;
        for (uint256 i; i < proofs.length; ++i) {
            AccountLeaf calldata leaf = proofs[i].leaf;
            if (AccountId.unwrap(leaf.account) != AccountId.unwrap(account)) continue;
            if (leaf.consumer != address(this)) revert WrongConsumer(leaf.consumer);
            if (!MerkleProofLib.verifyCalldata(proofs[i].proof, epoch.root, LeafHash.hashAccount(leaf))) {
                revert InvalidAccountProof(account, epoch.number);
            }
            _scenarioCount(leaf.allotment, scenarios);
            limit.allotmentAt = PackedInt64.start(leaf.allotment);
            limit.grossLimit = leaf.grossLimit;
            return limit;
        }
    }

    /// @dev Every array has as many entries as the first one, and at least one.
    function _scenarioCount(bytes calldata packed, uint256 expected) private pure returns (uint256 count) {
        count = packed.length / 8;
        if (packed.length % 8 != 0 || count == 0 || (expected != 0 && count != expected)) {
            revert ScenarioCountMismatch(expected, count);
        }
    }

    function _change(PortfolioChange memory change, Priced[] memory priced, uint256 scenarios, Limit memory limit)
        private
    {
        Draft memory draft;
        Priced memory changed = _changed(change.instrument, priced);
        draft.number = changed.number;
        draft.revaluation.scenarios = scenarios;
        Book storage book = _books[change.account];
        _revalue(draft, book, change, priced);
        if (changed.onlyShrinks && !_shrinks(draft.size - change.sizeChange, draft.size)) {
            revert InstrumentReduceOnly(change.account, change.instrument);
        }
        _check(change.account, draft.revaluation, limit);

        if (!book.write(draft.index, draft.number, draft.size, draft.cash)) {
            revert TooManyPositions(change.account, PortfolioBook.MOST_POSITIONS);
        }
        emit PortfolioChanged(change.account, change.instrument, draft.size, draft.cash);
    }

    function _revalue(Draft memory draft, Book storage book, PortfolioChange memory change, Priced[] memory priced)
        private
        view
    {
        Revaluation memory revaluation = draft.revaluation;
        uint256 held = book.count;
        draft.cash = book.cash + change.cashChange;
        draft.size = change.sizeChange;
        draft.index = held;
        revaluation.fixedAfter = int256(draft.cash) * 1e8;
        revaluation.fixedChange = int256(change.cashChange) * 1e8;
        revaluation.legs = new Leg[](held + 1);
        for (uint256 i; i < held; ++i) {
            Position current = book.at(i);
            int128 sizeAfter = current.size();
            if (current.instrument() == draft.number) {
                sizeAfter += change.sizeChange;
                (draft.index, draft.size) = (i, sizeAfter);
            }
            _addLeg(revaluation, i, _pricedOf(priced, current.instrument()), current.size(), sizeAfter);
        }
        if (draft.index == held) {
            _addLeg(revaluation, held, _pricedOf(priced, draft.number), 0, draft.size);
        } else {
            Leg[] memory legs = revaluation.legs;
            assembly ("memory-safe") {
                mstore(legs, held)
            }
        }
    }

    function _addLeg(
        Revaluation memory revaluation,
        uint256 index,
        Priced memory entry,
        int256 sizeBefore,
        int256 sizeAfter
    ) private pure {
        Leg memory leg = revaluation.legs[index];
        (leg.pricesAt, leg.sizeAfter, leg.sizeChange) = (entry.pricesAt, sizeAfter, sizeAfter - sizeBefore);
        uint256 unitsBefore = FixedPointMathLib.abs(sizeBefore);
        uint256 unitsAfter = FixedPointMathLib.abs(sizeAfter);
        revaluation.grossBefore += unitsBefore * entry.notional;
        revaluation.grossAfter += unitsAfter * entry.notional;
        int256 chargeBefore = SafeCast.toInt256(unitsBefore * entry.charge);
        int256 chargeAfter = SafeCast.toInt256(unitsAfter * entry.charge);
        revaluation.fixedAfter -= chargeAfter;
        revaluation.fixedChange += chargeBefore - chargeAfter;
    }

    function _check(AccountId account, Revaluation memory revaluation, Limit memory limit) private pure {
        (uint256 scenario, uint256 excess) = MarginCheck.firstBreach(revaluation, limit.allotmentAt);
        if (scenario < revaluation.scenarios) {
            if (limit.allotmentAt == MarginCheck.NO_ALLOTMENT) revert OnlyReductionsAllowed(account, scenario);
            revert AllotmentExceeded(account, scenario, _ceilE8(excess));
        }
        uint256 gross = revaluation.grossAfter;
        if (gross > revaluation.grossBefore && gross > limit.grossLimit * 1e8) {
            revert GrossLimitExceeded(account, _ceilE8(gross), limit.grossLimit);
        }
    }

    /// @dev Towards zero and not past it, or not at all.
    function _shrinks(int256 sizeBefore, int256 sizeAfter) private pure returns (bool) {
        return sizeBefore < 0 ? sizeBefore <= sizeAfter && sizeAfter <= 0 : 0 <= sizeAfter && sizeAfter <= sizeBefore;
    }

    /// @dev The instrument that changes; it gets a number when an account first trades it.
    function _changed(InstrumentId instrument, Priced[] memory priced) private returns (Priced memory entry) {
        for (uint256 i; i < priced.length; ++i) {
            entry = priced[i];
            if (InstrumentId.unwrap(entry.id) != InstrumentId.unwrap(instrument)) continue;
            if (entry.number == 0) {
                _instrumentOf.push(entry.id);
                entry.number = _instrumentOf.length;
                _numberOf[entry.id] = SafeCast.toUint32(entry.number);
            }
            return entry;
        }
        revert MissingInstrument(instrument);
    }

    function _pricedOf(Priced[] memory priced, uint256 number) private view returns (Priced memory) {
        for (uint256 i; i < priced.length; ++i) {
            if (priced[i].number == number) return priced[i];
        }
        revert MissingInstrument(_instrumentOf[number - 1]);
    }

    function _ceilE8(uint256 valueE16) private pure returns (uint256) {
        return FixedPointMathLib.divUp(valueE16, 1e8);
    }
}
