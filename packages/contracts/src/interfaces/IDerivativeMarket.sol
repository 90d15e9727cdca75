// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Attestation} from "../types/Attestation.sol";
import {AccountId, InstrumentId} from "../types/Ids.sol";
import {IMarginConsumer, MarginProofs} from "./IMarginConsumer.sol";

/// @notice A signed wish to trade. EIP-712, domain of this market on this chain.
/// @param size Units with 8 decimals; positive buys, negative sells.
/// @param limitPrice Most a buyer pays, least a seller takes: USD a unit with 8 decimals.
/// @param expiry Seconds since 1970; not fillable from then on.
/// @param salt Makes two equal orders two orders.
struct Order {
    AccountId account;
    InstrumentId instrument;
    int128 size;
    uint64 limitPrice;
    uint64 expiry;
    uint64 salt;
}

/// @notice A maker's and a taker's order, filled against each other at the maker's price.
/// @param size Units to fill, positive; at most what is left of either order.
struct Fill {
    Order maker;
    bytes makerSignature;
    Order taker;
    bytes takerSignature;
    uint128 size;
}

/// @title The reference consumer: perpetuals between two accounts by signed orders
/// @notice Cash and positions over all accounts always sum to zero.
interface IDerivativeMarket is IMarginConsumer {
    event Filled(
        bytes32 indexed makerOrder,
        bytes32 indexed takerOrder,
        InstrumentId indexed instrument,
        uint128 size,
        uint64 price
    );
    event OrderCancelled(bytes32 indexed order, AccountId indexed account);

    error OrderExpired(bytes32 order, uint64 expiry);
    error OrderOverfilled(bytes32 order, uint256 left, uint256 wanted);
    error OrderIsCancelled(bytes32 order);
    error InvalidOrderSignature(bytes32 order, address owner);
    error OrdersDoNotCross(uint64 buyLimit, uint64 sellLimit);
    error SameSide();
    error DifferentInstruments(InstrumentId maker, InstrumentId taker);
    error SelfTrade(AccountId account);
    error NotAccountOwner(AccountId account, address caller);
    error ZeroSize();

    /// @notice Fills two orders against each other. Anyone may submit it.
    /// @dev Proofs are against the newest posted epoch. Once it has expired only reductions pass.
    function trade(Fill calldata fill, MarginProofs calldata proofs) external;

    /// @notice Posts a fresher attestation first, unless it or a newer one is already here.
    function postAndTrade(Attestation calldata attestation, Fill calldata fill, MarginProofs calldata proofs) external;

    function cancel(Order calldata order) external;

    /// @notice Units of an order filled so far.
    function filled(bytes32 order) external view returns (uint128);

    /// @notice EIP-712 digest of an order; it also names the order.
    function orderDigest(Order calldata order) external view returns (bytes32);
}
