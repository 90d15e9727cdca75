// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccountId, InstrumentId} from "../types/Ids.sol";
import {DeleverageLeaf} from "../types/Leaves.sol";
import {MarginProofs} from "./IMarginConsumer.sol";

/// @notice A Dutch auction of one account's book at the market.
/// @param epoch The epoch that was newest when it was started.
/// @param startedAt Seconds since 1970; 0 if there is none.
struct Auction {
    uint64 epoch;
    uint64 startedAt;
}

/// @title What becomes of accounts that fall below maintenance margin, or owe more than they have
/// @notice The newest attestation says which: an account that is *liquidatable* is sold by auction, one that is
/// *insolvent* goes to the backstop account, and what that cannot take is closed against the most profitable accounts on
/// the other side. Each is a change of portfolios that the market checks like a trade, for everybody in it: in every
/// scenario nobody loses more than its allotment, or no more than before. Cash and sizes move from one account to
/// another, so their sums stay zero, and at mark the changes of what all accounts are worth add up to zero.
///
/// Everything is at mark: the price in the scenario without a shock, net of funding (`prices[0]` of the instrument's
/// leaf). Of a unit moved, cash is rounded up in favour of the account that is liquidated. Proofs are of the newest posted
/// epoch, which must not have expired, and hold the leaves of every account named and of every instrument that any of
/// them has a position in. Calls are open to anybody, unless said otherwise.
///
/// Assumed: that a quorum of operators is honest. It says who is liquidatable, at what mark, how far, and who is first in
/// a queue; an account that is none of these cannot be touched.
interface IMarketLiquidation {
    event AuctionStarted(AccountId indexed account, uint64 epoch, uint64 startedAt);
    event AuctionEnded(AccountId indexed account);
    /// @dev `fraction`: 1e18 is all. `discount`: what the account paid the taker, USD with 8 decimals.
    event Liquidated(AccountId indexed account, AccountId indexed taker, uint64 fraction, uint128 discount);
    /// @dev `loss`: what the backstop paid beyond the mark, USD with 8 decimals.
    event TakenOver(AccountId indexed account, AccountId indexed backstop, uint64 fraction, uint128 loss);
    /// @notice One position closed against one account.
    /// @dev `size`: units that left the account, with its sign. `paid`: what the counterparty gave up of the mark.
    event Deleveraged(
        AccountId indexed account,
        AccountId indexed counterparty,
        InstrumentId indexed instrument,
        int128 size,
        uint128 paid
    );
    /// @notice The market's owner proposes a backstop account; zero: there shall be none, at once.
    event BackstopNamed(AccountId indexed backstop);
    /// @notice The account is the backstop from now on; zero: there is none.
    event BackstopSet(AccountId indexed backstop);

    /// @dev The newest epoch here: nothing can be sold by it any more.
    error EpochExpired(uint64 epoch);
    /// @dev The proofs have no leaf of an account that has to be looked at.
    error MissingAccount(AccountId account);
    error NotLiquidatable(AccountId account);
    error NotInsolvent(AccountId account);
    /// @dev The newest leaf says liquidatable or insolvent: the auction goes on.
    error StillLiquidatable(AccountId account);
    /// @dev None was started, or so long ago that it is void: `startAuction` first.
    error NoAuction(AccountId account);
    error AuctionUnderWay(AccountId account, uint64 startedAt);
    /// @dev It is above 0 and at most 1e18.
    error FractionOutOfBounds(uint64 fraction);
    /// @dev Even sold at mark so large a part would leave the account beyond its allotment in that scenario, because what
    /// is left is no hedge of the rest any more. `shortfall`: by how much, USD with 8 decimals, rounded up.
    error FractionTooLarge(AccountId account, uint256 scenario, uint256 shortfall);
    /// @dev More than restores the buffer above maintenance. USD with 8 decimals: what would be left, and what has to be.
    error BelowTarget(AccountId account, uint256 gross, uint256 target);
    error DiscountTooSmall(uint128 discount, uint128 least);
    /// @dev Of that fraction nothing is left to be moved, and nothing is owed.
    error NothingToMove(AccountId account);
    /// @dev Cash moves with an instrument: where nobody holds any, prove one that has a leaf.
    error NoInstrumentProven();
    /// @dev The account would be sold to itself.
    error OwnTaker(AccountId account);
    error NoBackstop();
    /// @dev The backstop can take such a piece: `takeOver` comes first.
    error BackstopHasRoom(AccountId backstop);
    /// @dev The caller does not own the account that was named.
    error NotBackstopOwner(AccountId backstop, address caller);
    /// @dev The leaf is not of the newest posted epoch, or not about this account at this market.
    error InvalidQueue(uint64 epoch);

    /// @notice Starts the clock by which the discount grows. The newest leaf says that the account is liquidatable.
    function startAuction(AccountId account, MarginProofs calldata proofs) external;

    /// @notice Stops it. The newest leaf says that the account is neither liquidatable nor insolvent.
    function endAuction(AccountId account, MarginProofs calldata proofs) external;

    /// @notice Moves a part of a liquidatable account's whole book here to `taker`, at mark less a discount. Only by the
    /// taker's owner or trading delegate.
    /// @dev Positions in instruments that are not active stay where they are. Each size is rounded towards zero; all of
    /// it is all of it. No more may be sold than the leaf's gross limit leaves, unless the book is dust. The discount is
    /// `discountRate` of the most that the part can lose from mark in any scenario, but never so much that the account
    /// is left beyond both its allotment and its loss before in any scenario.
    /// @param fraction Of every active position: 1e18 is all.
    /// @param leastDiscount Below it the call reverts. USD with 8 decimals.
    /// @return discount What the account pays the taker, USD with 8 decimals, rounded down.
    function liquidate(
        AccountId account,
        AccountId taker,
        uint64 fraction,
        uint128 leastDiscount,
        MarginProofs calldata proofs
    ) external returns (uint128 discount);

    /// @notice What `liquidate` would pay now, by leaves that are not proven here. It does not look at the taker.
    function quote(AccountId account, uint64 fraction, MarginProofs calldata proofs)
        external
        view
        returns (uint128 discount);

    /// @notice Moves a part of an insolvent account's whole book here to the backstop, at mark, and has the backstop pay
    /// that part of what the account owes here at mark beyond its allotment. Also where nothing but debt is left.
    /// @dev Positions in instruments that are not active stay. The backstop's own leaf must allow it; a smaller fraction
    /// may pass where all does not. At least one instrument is proven, be it that neither account holds any.
    /// @return loss What the backstop paid beyond the mark, USD with 8 decimals, rounded up.
    function takeOver(AccountId account, uint64 fraction, MarginProofs calldata proofs) external returns (uint128 loss);

    /// @notice Closes a part of an insolvent account's whole book against those on the other side, in the order of the
    /// queue, at mark less their share by notional of what the account owes here at mark beyond its allotment. Together
    /// they never pay more than that.
    /// @dev Only if the backstop cannot take such a piece (of more than a sixteenth of the book: a sixteenth), or there is
    /// none. All positions at once, for a hedged book cannot be closed one leg at a time within its allotment. Whoever in
    /// the queue holds no opposite position any more is passed over, and so is one whose own check fails, its leaf being
    /// the evidence. Where the queue does not cover the part, less is closed; if that leaves the account worse than its
    /// allotment and worse than before in some scenario it reverts, and a smaller part may pass.
    /// @param queueProof The leaf's own way to the root.
    function deleverage(
        AccountId account,
        uint64 fraction,
        DeleverageLeaf calldata queue,
        bytes32[] calldata queueProof,
        MarginProofs calldata proofs
    ) external;

    /// @notice Proposes a backstop; zero ends the one in force. Only the market's owner.
    function nameBackstop(AccountId account) external;

    /// @notice Agrees to be the backstop. Only the owner of the account that was named.
    function acceptBackstop() external;

    /// @notice Is the backstop no longer. Only its owner.
    function resignBackstop() external;

    /// @notice The backstop account; zero if there is none.
    function backstop() external view returns (AccountId);

    /// @notice The account that was named and has not accepted; zero if there is none.
    function namedBackstop() external view returns (AccountId);

    /// @notice What backstops have paid beyond the mark in all, USD with 8 decimals.
    function backstopLoss() external view returns (uint128);

    /// @notice The account's auction, be it void.
    function auctionOf(AccountId account) external view returns (Auction memory);

    /// @notice The share of the risk taken that a taker is offered now: 1e18 is all of it. 0 if there is no auction.
    function discountRate(AccountId account) external view returns (uint256);

    /// @notice The market that this belongs to.
    function market() external view returns (address);
}
