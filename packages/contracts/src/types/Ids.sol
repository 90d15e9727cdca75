// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice A margin account: the owner's address (20 bytes), then a sub-account number (12 bytes).
type AccountId is bytes32;

/// @notice An instrument, for example the BTC perpetual. The same id names it on every chain.
type InstrumentId is bytes32;

/// @notice What a price feed prices, for example BTC or USDC, as left-aligned ASCII.
type UnderlyingId is bytes32;

using {ownerOf, sameAccount as ==} for AccountId global;

/// @notice The address whose signature moves the account.
function ownerOf(AccountId account) pure returns (address) {
    return address(bytes20(AccountId.unwrap(account)));
}

function sameAccount(AccountId a, AccountId b) pure returns (bool) {
    return AccountId.unwrap(a) == AccountId.unwrap(b);
}
