// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccountId, InstrumentId} from "../types/Ids.sol";
import {AccountLeaf, InstrumentLeaf} from "../types/Leaves.sol";

/// @notice Leaves of one epoch with one proof for all of them (libraries/MultiProof.sol).
/// @param accounts One for every account that takes on risk, in ascending order. An account without one may only reduce.
/// @param instruments Every instrument that any of the accounts holds before or after, in ascending order of id.
/// @param siblings The nodes that the leaves do not give, in the order in which the walk needs them.
/// @param steps The walk from the leaves, instruments first, to the root: a byte a step.
struct MarginProofs {
    AccountLeaf[] accounts;
    InstrumentLeaf[] instruments;
    bytes32[] siblings;
    bytes steps;
}

/// @title A contract that lets accounts trade within their allotments
/// @notice Every change of an account's cash or positions is checked in every scenario:
///     value[s] = cash + sum(size * price[s]) - sum(|size| * charge)
///     allowed iff for every s: -value'[s] <= allotment[s] or value'[s] >= value[s],
///             and gross' <= grossLimit or gross' <= gross,
///             and a position in an instrument that is not active only shrinks towards zero.
/// What one call does to an account is one change. Prices are net of the cumulative funding index, so funding moves no
/// cash: it is in the value, and moves to cash when a position is closed. Values are computed to 16 decimals, so nothing
/// is rounded. An account without a proven leaf, an insolvent one, and every account once the newest epoch has expired,
/// may only reduce. An account holds at most 16 positions; cash and sizes fit in 96 bits.
interface IMarginConsumer {
    /// @notice The account's cash and its size in one instrument after a change. Operators rebuild portfolios from it.
    event PortfolioChanged(AccountId indexed account, InstrumentId indexed instrument, int128 size, int128 cash);

    /// @dev `excess`: by how much the loss in that scenario is over the allotment, USD with 8 decimals, rounded up.
    error AllotmentExceeded(AccountId account, uint256 scenario, uint256 excess);
    /// @dev The account has no leaf here or is insolvent, or the epoch has expired, and the change loses in that scenario.
    error OnlyReductionsAllowed(AccountId account, uint256 scenario);
    /// @dev Without a proven leaf `grossLimit` is 0: gross may not grow.
    error GrossLimitExceeded(AccountId account, uint256 gross, uint256 grossLimit);
    /// @dev The instrument is reduce-only or settled, and the change would open, enlarge or turn a position in it.
    error InstrumentReduceOnly(AccountId account, InstrumentId instrument);
    /// @dev The leaves are not all of the newest posted epoch, `epoch`.
    error InvalidMarginProof(uint64 epoch);
    error MissingInstrument(InstrumentId instrument);
    error InstrumentsNotAscending();
    error WrongConsumer(address consumer);
    error ScenarioCountMismatch(uint256 expected, uint256 given);
    error TooManyPositions(AccountId account, uint256 most);

    function cash(AccountId account) external view returns (int128);
    function position(AccountId account, InstrumentId instrument) external view returns (int128);
    /// @notice Instruments in which the account has a position.
    function instruments(AccountId account) external view returns (InstrumentId[] memory);
    /// @notice The whole of it: cash, and each instrument held with its size, in the order of the account's book.
    function portfolioOf(AccountId account)
        external
        view
        returns (int128 cash, InstrumentId[] memory held, int128[] memory sizes);
    function attestations() external view returns (address);
}
