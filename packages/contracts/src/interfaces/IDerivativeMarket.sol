// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {PortfolioChange} from "../libraries/PortfolioDraft.sol";
import {Attestation} from "../types/Attestation.sol";
import {AccountId, InstrumentId} from "../types/Ids.sol";
import {IMarginConsumer, MarginProofs} from "./IMarginConsumer.sol";
import {IMarketSettlement} from "./IMarketSettlement.sol";
import {ISignedOrders, Order} from "./ISignedOrders.sol";

/// @notice A maker's and a taker's order, filled against each other at the maker's price.
/// @param size Units to fill, positive; at most what is left of either order.
struct Fill {
    Order maker;
    bytes makerSignature;
    Order taker;
    bytes takerSignature;
    uint128 size;
}

/// @notice What a fill costs, as shares of the value filled (size times price) in millionths: 100 is one basis point.
/// @param recipient Fees go to its sub-account 0; without one nothing is charged. It has to be one that never trades
/// with open orders of its own, or it pays fees to itself, for nothing.
/// @param makerE6 What the maker pays, or, negative, is paid: a rebate, at most what the taker pays.
/// @param takerE6 What the taker pays.
struct FeeSchedule {
    address recipient;
    int32 makerE6;
    uint32 takerE6;
}

/// @title The reference consumer: futures and options between two accounts, by signed orders
/// @notice Cash and positions over all accounts always sum to zero. Fees are cash moved between accounts, too; a rebate is
/// paid by the taker of the same fill, so the recipient only ever gains. Orders consent to any fee within the bounds.
interface IDerivativeMarket is IMarginConsumer, IMarketSettlement, ISignedOrders {
    /// @dev `makerFee` and `takerFee`: USD with 8 decimals; a negative one was received.
    event Filled(
        bytes32 indexed makerOrder,
        bytes32 indexed takerOrder,
        InstrumentId indexed instrument,
        uint128 size,
        uint64 price,
        int128 makerFee,
        int128 takerFee
    );
    /// @notice The premium of an instrument's fills over its index, from which operators work out funding.
    /// @dev At a later time T, if there is no event between, the integral is
    /// `premiumSeconds + premium * min(T - block.timestamp, 600)`: a premium that nobody renews ends.
    /// @param premiumSeconds Integral of the running premium until now, in hundred-millionths times seconds.
    /// @param premium The running premium from now on, in hundred-millionths of the index; at most half a per cent.
    /// @param volume Value filled in this instrument here in all, USD with 8 decimals.
    event PremiumSampled(InstrumentId indexed instrument, int128 premiumSeconds, int64 premium, uint128 volume);
    event FeesSet(address recipient, int32 makerE6, uint32 takerE6);

    error OrdersDoNotCross(uint64 buyLimit, uint64 sellLimit);
    error SameSide();
    error DifferentInstruments(InstrumentId maker, InstrumentId taker);
    error SelfTrade(AccountId account);
    error ZeroSize();
    error NoFills();
    error FeesOutOfBounds(int32 makerE6, uint32 takerE6);
    error OnlyLiquidation(address caller);

    /// @notice Fills orders against each other, pair by pair. Anyone may submit it.
    /// @dev Proofs are against the newest posted epoch. Once it has expired only reductions pass. All of it is one
    /// change of each account: what a later fill closes need not have been allowed to be open.
    function trade(Fill[] calldata fills, MarginProofs calldata proofs) external;

    /// @notice Posts a fresher attestation first, unless it or a newer one is already here.
    function postAndTrade(Attestation calldata attestation, Fill[] calldata fills, MarginProofs calldata proofs)
        external;

    /// @notice Changes portfolios, each checked as a trade is. Only by `liquidation`.
    /// @param seized The account that is taken from its owner: an insolvent one's allotment counts only here.
    function changePortfolios(PortfolioChange[] calldata changes, MarginProofs calldata proofs, AccountId seized)
        external;

    /// @notice The contract that sells accounts below maintenance margin: made with the market, for ever.
    function liquidation() external view returns (address);

    /// @notice Sets fees. Only the market's owner, and only within MAX_FEE_E6.
    function setFees(FeeSchedule calldata schedule) external;

    /// @notice The fees in force.
    function fees() external view returns (FeeSchedule memory);
}
