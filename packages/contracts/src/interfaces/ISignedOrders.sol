// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccountId, InstrumentId} from "../types/Ids.sol";

/// @notice A signed wish to trade. EIP-712, domain of this market on this chain: signed for another market or chain, it
/// is an invalid signature here.
/// @param size Units with 8 decimals; positive buys, negative sells.
/// @param limitPrice Most a buyer pays, least a seller takes: USD a unit with 8 decimals.
/// @param expiry Seconds since 1970; not fillable from then on.
/// @param series The account's series when it was signed: `cancelAll` begins the next one.
/// @param salt Makes two equal orders two orders.
struct Order {
    AccountId account;
    InstrumentId instrument;
    int128 size;
    uint64 limitPrice;
    uint64 expiry;
    uint64 series;
    uint64 salt;
}

/// @title Orders: who may sign them, and how they end
/// @notice An order counts if its account's owner signed it, by key or as a contract (ERC-1271), or a delegate of the
/// account did. A delegate can trade, and so lose everything by trading badly; it has no part in deposits, withdrawals,
/// weights or the naming of delegates. Keep little in a sub-account whose delegate lives on a server.
interface ISignedOrders {
    event OrderCancelled(bytes32 indexed order, AccountId indexed account);
    /// @dev Every order of an earlier series is dead.
    event SeriesBegun(AccountId indexed account, uint64 series);
    /// @dev `until` 0: revoked.
    event DelegateSet(AccountId indexed account, address indexed delegate, uint64 until);

    error OrderExpired(bytes32 order, uint64 expiry);
    error OrderOverfilled(bytes32 order, uint256 left, uint256 wanted);
    error OrderIsCancelled(bytes32 order);
    /// @dev All orders of the account were cancelled since it was signed, or it was signed for a series to come.
    error OrderOfAnotherSeries(bytes32 order, uint64 series, uint64 current);
    /// @dev Altered, signed by another key, or for another market or chain.
    error InvalidOrderSignature(bytes32 order, address owner);
    error NotAccountOwner(AccountId account, address caller);
    error NotAllowedToTrade(AccountId account, address caller);

    /// @notice Makes one order unfillable. By the owner or a delegate.
    function cancel(Order calldata order) external;

    /// @notice Makes every order signed so far unfillable, seen or not. By the owner or a delegate.
    function cancelAll(AccountId account) external;

    /// @notice Lets a key sign orders for the account until a time; 0 revokes it. Only by the owner.
    /// @param until Seconds since 1970; its orders are not fillable from then on.
    function setDelegate(AccountId account, address delegate, uint64 until) external;

    /// @notice The series that the account's orders have to name.
    function seriesOf(AccountId account) external view returns (uint64);

    /// @notice Until when a delegate may trade for the account; 0 if never.
    function delegateUntil(AccountId account, address delegate) external view returns (uint64);

    /// @notice Units of an order filled so far.
    function filled(bytes32 order) external view returns (uint128);

    /// @notice EIP-712 digest of an order; it also names the order.
    function orderDigest(Order calldata order) external view returns (bytes32);
}
