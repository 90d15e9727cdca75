// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IVaultPause} from "../interfaces/IVaultPause.sol";

/// @notice See IVaultPause.
abstract contract VaultPause is IVaultPause, Ownable {
    uint64 public constant CLAIMS_PAUSE_SECONDS = 3 days;
    /// @notice How long claims stay open after a pause, at least.
    uint64 public constant CLAIMS_REST_SECONDS = 7 days;

    /// @inheritdoc IVaultPause
    bool public depositsPaused;
    /// @inheritdoc IVaultPause
    uint64 public claimsPausedUntil;

    modifier whenDepositsOpen() {
        if (depositsPaused) revert DepositsArePaused();
        _;
    }

    modifier whenClaimsOpen() {
        if (block.timestamp < claimsPausedUntil) revert ClaimsArePaused(claimsPausedUntil);
        _;
    }

    /// @inheritdoc IVaultPause
    function pauseDeposits() external onlyOwner {
        depositsPaused = true;
        emit DepositsPausedSet(true);
    }

    /// @inheritdoc IVaultPause
    function unpauseDeposits() external onlyOwner {
        depositsPaused = false;
        emit DepositsPausedSet(false);
    }

    /// @inheritdoc IVaultPause
    function pauseClaims() external onlyOwner {
        uint64 rested = claimsPausedUntil == 0 ? 0 : claimsPausedUntil + CLAIMS_REST_SECONDS;
        if (block.timestamp < rested) revert ClaimsMustRest(rested);
        claimsPausedUntil = uint64(block.timestamp) + CLAIMS_PAUSE_SECONDS;
        emit ClaimsPausedUntil(claimsPausedUntil);
    }

    /// @inheritdoc IVaultPause
    function unpauseClaims() external onlyOwner {
        if (block.timestamp >= claimsPausedUntil) return;
        claimsPausedUntil = uint64(block.timestamp);
        emit ClaimsPausedUntil(claimsPausedUntil);
    }
}
