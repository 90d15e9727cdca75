// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {ICollateralVault} from "./interfaces/ICollateralVault.sol";
import {IOperatorRegistry} from "./interfaces/IOperatorRegistry.sol";
import {IRiskRegistry} from "./interfaces/IRiskRegistry.sol";
import {IVaultPause} from "./interfaces/IVaultPause.sol";

/// @notice What one chain has; zero for what it has not.
struct Governed {
    address vault;
    address operatorRegistry;
    address riskRegistry;
}

/// @param admin Everything that no other role may, after the delay; grants and revokes roles, after the delay.
/// @param pauser Pauses and lifts pauses, cancels what waits for a timelock: at once.
/// @param risk Sets risk and lists assets, at once: what loosens risk waits in the registry.
/// @param operators Names operators, after the delay.
struct RoleMembers {
    address admin;
    address pauser;
    address risk;
    address operators;
}

/// @title The owner of every contract on one chain: who may do what, and after what wait
/// @notice OpenZeppelin's AccessManager as the owner of contracts that know of an owner alone. A member of a role calls
/// `execute(target, data)`, after `schedule` and the wait where the role has one; whatever is scheduled is an event.
/// Nobody has a right without a wait, from the very start, but the pauser's and the risk role's: neither moves money.
/// @dev The delays are a floor that no admin can go below. None of the functions that an owner can call pays anybody.
contract RoleManager is AccessManager {
    /// @notice Pauses deposits and claims, lifts pauses, cancels queued loosenings and scheduled operator sets.
    uint64 public constant PAUSER = 1;
    /// @notice Sets risk, and lists assets at the vault.
    uint64 public constant RISK = 2;
    /// @notice Names operators.
    uint64 public constant OPERATORS = 3;

    uint32 public constant LEAST_DELAY_SECONDS = 1 hours;
    uint32 public constant MOST_DELAY_SECONDS = 30 days;

    /// @notice How long the admin and whoever names operators have to wait, at least.
    uint32 public immutable delaySeconds;

    error DelayOutOfBounds(uint32 least, uint32 most);
    error DelayTooShort(uint64 role, uint32 least);

    /// @dev Takes no ownership: give it by `transferOwnership`, and where that takes two steps call `adopt`.
    constructor(uint32 delaySeconds_, Governed memory governed, RoleMembers memory members)
        AccessManager(members.admin)
    {
        if (delaySeconds_ < LEAST_DELAY_SECONDS || delaySeconds_ > MOST_DELAY_SECONDS) {
            revert DelayOutOfBounds(LEAST_DELAY_SECONDS, MOST_DELAY_SECONDS);
        }
        delaySeconds = delaySeconds_;
        if (governed.vault != address(0)) _governVault(governed.vault);
        if (governed.operatorRegistry != address(0)) {
            _setTargetFunctionRole(governed.operatorRegistry, IOperatorRegistry.setOperators.selector, OPERATORS);
        }
        if (governed.riskRegistry != address(0)) _governRisk(governed.riskRegistry);
        _setRoleGuardian(OPERATORS, PAUSER);
        _grantRole(ADMIN_ROLE, members.admin, 0, delaySeconds_);
        _grantRole(PAUSER, members.pauser, 0, 0);
        _grantRole(RISK, members.risk, 0, 0);
        _grantRole(OPERATORS, members.operators, 0, delaySeconds_);
    }

    /// @notice Accepts an ownership that was offered to this contract. Anyone may call it.
    function adopt(Ownable2Step target) external {
        target.acceptOwnership();
    }

    function _governVault(address vault) private {
        _setTargetFunctionRole(vault, IVaultPause.pauseDeposits.selector, PAUSER);
        _setTargetFunctionRole(vault, IVaultPause.unpauseDeposits.selector, PAUSER);
        _setTargetFunctionRole(vault, IVaultPause.pauseClaims.selector, PAUSER);
        _setTargetFunctionRole(vault, IVaultPause.unpauseClaims.selector, PAUSER);
        _setTargetFunctionRole(vault, ICollateralVault.listAsset.selector, RISK);
    }

    function _governRisk(address registry) private {
        _setTargetFunctionRole(registry, IRiskRegistry.setUnderlying.selector, RISK);
        _setTargetFunctionRole(registry, IRiskRegistry.setVolatilityPolicy.selector, RISK);
        _setTargetFunctionRole(registry, IRiskRegistry.setExpiry.selector, RISK);
        _setTargetFunctionRole(registry, IRiskRegistry.setAsset.selector, RISK);
        _setTargetFunctionRole(registry, IRiskRegistry.setInstrument.selector, RISK);
        _setTargetFunctionRole(registry, IRiskRegistry.setFunding.selector, RISK);
        _setTargetFunctionRole(registry, IRiskRegistry.setVault.selector, RISK);
        _setTargetFunctionRole(registry, IRiskRegistry.setConsumer.selector, RISK);
        _setTargetFunctionRole(registry, IRiskRegistry.setScenarioSet.selector, RISK);
        _setTargetFunctionRole(registry, IRiskRegistry.setMarginParameters.selector, RISK);
        // Not the role that queued it: whoever stole that key would not take it back.
        _setTargetFunctionRole(registry, IRiskRegistry.cancel.selector, PAUSER);
    }

    /// @dev The base grants the admin its role before the delay is known, and this contract again with it.
    function _grantRole(uint64 roleId, address account, uint32 grantDelay, uint32 executionDelay)
        internal
        override
        returns (bool)
    {
        uint32 least = roleId == PAUSER || roleId == RISK ? 0 : delaySeconds;
        if (executionDelay < least) revert DelayTooShort(roleId, least);
        return super._grantRole(roleId, account, grantDelay, executionDelay);
    }
}
