// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Permit} from "../src/interfaces/ICollateralVault.sol";
import {IVaultPause} from "../src/interfaces/IVaultPause.sol";
import {CollateralChains} from "./support/CollateralChains.sol";

/// @dev Deposits and claims stop apart, and claims never for long.
contract VaultPauseTest is CollateralChains {
    bytes32[] private noProof;
    Permit private noPermit;

    function setUp() public {
        setUpCollateral();
        vault.listAsset(address(wrapped), 100 ether, 1 ether);
        vault.deposit(account, address(token), 100e6);
        approve(leafOf(40e6));
    }

    function test_pauseDeposits() public {
        vm.expectEmit(address(vault));
        emit IVaultPause.DepositsPausedSet(true);
        vault.pauseDeposits();
        assertTrue(vault.depositsPaused());
        vm.expectRevert(IVaultPause.DepositsArePaused.selector);
        vault.deposit(account, address(token), 1);
        vm.expectRevert(IVaultPause.DepositsArePaused.selector);
        vault.depositWithPermit(account, address(token), 1, noPermit);
        vm.expectRevert(IVaultPause.DepositsArePaused.selector);
        vault.depositNative{value: 1}(account, 1);
        _allButDepositsGoesOn();
        vault.claimWithdrawal(leafOf(40e6), noProof);
        vault.unpauseDeposits();
        vault.deposit(account, address(token), 1);
    }

    function test_pauseClaims() public {
        uint64 until = uint64(block.timestamp + 3 days);
        vm.expectEmit(address(vault));
        emit IVaultPause.ClaimsPausedUntil(until);
        vault.pauseClaims();
        vm.expectRevert(abi.encodeWithSelector(IVaultPause.ClaimsArePaused.selector, until));
        vault.claimWithdrawal(leafOf(40e6), noProof);
        _allButDepositsGoesOn();
        vault.deposit(account, address(token), 1);
        vault.unpauseClaims();
        vault.claimWithdrawal(leafOf(40e6), noProof);
    }

    /// @dev Whatever whoever may pause does, and whenever: claims are open for a week before they can be closed again,
    /// so that in any ten days and a second there are seven in which they are.
    function testFuzz_pauseClaims_cannotHoldCollateralHostage(uint256[8] calldata waits, bool[8] calldata lifts)
        public
    {
        uint256 closed;
        uint256 begun = vm.getBlockTimestamp();
        uint256 now_ = begun;
        for (uint256 i; i < waits.length; ++i) {
            uint256 pausedUntil = vault.claimsPausedUntil();
            if (now_ < pausedUntil && lifts[i]) vault.unpauseClaims();
            else try vault.pauseClaims() {} catch {}
            uint256 next = now_ + bound(waits[i], 1, 12 days);
            uint256 until = vault.claimsPausedUntil();
            if (until > now_) closed += (until < next ? until : next) - now_;
            vm.warp(next);
            now_ = next;
        }
        uint256 periods = (now_ - begun + 10 days - 1) / 10 days;
        assertLe(closed, periods * 3 days);
    }

    function test_pauseClaims_endsByItself() public {
        vault.pauseClaims();
        vm.warp(vault.claimsPausedUntil());
        vault.claimWithdrawal(leafOf(40e6), noProof);
        assertEq(token.balanceOf(owner), 40e6);
    }

    function test_pauseClaims_error_mustRest() public {
        vault.pauseClaims();
        uint64 rested = vault.claimsPausedUntil() + 7 days;
        vm.warp(rested - 1);
        vm.expectRevert(abi.encodeWithSelector(IVaultPause.ClaimsMustRest.selector, rested));
        vault.pauseClaims();
        vm.warp(rested);
        vault.pauseClaims();
        assertEq(vault.claimsPausedUntil(), rested + 3 days);
    }

    /// @dev Lifting a pause early counts the rest from then; lifting none changes nothing.
    function test_unpauseClaims() public {
        vault.unpauseClaims();
        assertEq(vault.claimsPausedUntil(), 0);
        vault.pauseClaims();
        vm.warp(vm.getBlockTimestamp() + 1 days);
        vault.unpauseClaims();
        uint64 lifted = uint64(vm.getBlockTimestamp());
        assertEq(vault.claimsPausedUntil(), lifted);
        vm.warp(lifted + 1 days);
        vault.unpauseClaims();
        assertEq(vault.claimsPausedUntil(), lifted);
        vm.expectRevert(abi.encodeWithSelector(IVaultPause.ClaimsMustRest.selector, lifted + 7 days));
        vault.pauseClaims();
    }

    function testFuzz_pause_error_notTheOwner(address caller) public {
        vm.assume(caller != address(this));
        bytes memory refused = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, caller);
        vm.startPrank(caller);
        vm.expectRevert(refused);
        vault.pauseDeposits();
        vm.expectRevert(refused);
        vault.unpauseDeposits();
        vm.expectRevert(refused);
        vault.pauseClaims();
        vm.expectRevert(refused);
        vault.unpauseClaims();
    }

    function _allButDepositsGoesOn() private {
        vault.report{value: vault.quoteReport(account).nativeFee}(account);
        vm.startPrank(owner);
        vault.requestWithdrawal(account, address(token), 1);
        vault.setPayout(account, owner, false);
        vm.stopPrank();
    }
}
