// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title What can be stopped at a vault, and for how long
/// @notice Deposits and claims (withdrawals and exits) apart. Deposits stay paused until somebody lifts it: that takes
/// nobody's money. A pause of claims ends by itself, and the next one has to wait, whoever calls: so no role can hold
/// collateral hostage, only delay it. Requests, payouts and reports are never paused.
interface IVaultPause {
    event DepositsPausedSet(bool paused);
    /// @dev In the past or now: the pause was lifted.
    event ClaimsPausedUntil(uint64 until);

    error DepositsArePaused();
    error ClaimsArePaused(uint64 until);
    /// @dev Claims were paused lately; they have to stay open for a while.
    error ClaimsMustRest(uint64 until);

    /// @notice Only the owner, as are all of these.
    function pauseDeposits() external;
    function unpauseDeposits() external;

    /// @notice Stops claims for three days, unless they were stopped in the week before.
    function pauseClaims() external;
    function unpauseClaims() external;

    function depositsPaused() external view returns (bool);

    /// @notice Claims are refused before this second; 0 if they never were.
    function claimsPausedUntil() external view returns (uint64);
}
