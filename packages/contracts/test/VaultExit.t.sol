// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SolvencyAttestations} from "../src/SolvencyAttestations.sol";
import {CollateralVault, VaultConfig} from "../src/CollateralVault.sol";
import {ICollateralVault} from "../src/interfaces/ICollateralVault.sol";
import {ISolvencyAttestations} from "../src/interfaces/ISolvencyAttestations.sol";
import {IVaultPause} from "../src/interfaces/IVaultPause.sol";
import {WithdrawalLeaf} from "../src/types/Leaves.sol";
import {CollateralChains} from "./support/CollateralChains.sol";
import {Encodings} from "./support/Encodings.sol";

/// @dev The way out without operators.
contract VaultExitTest is CollateralChains {
    bytes32[] private noProof;
    WithdrawalLeaf private leaf;
    uint256 private opensAt;

    function setUp() public {
        setUpCollateral();
        vault.deposit(account, address(token), 100e6);
        leaf = WithdrawalLeaf(account, address(vault), address(token), 0, 80e6);
        approve(leaf);
        opensAt = block.timestamp + LIFETIME_SECONDS + EXIT_DELAY_SECONDS;
    }

    function test_claimExit_onceOperatorsAreSilent() public {
        assertEq(vault.exitOpensAt(), opensAt);
        _ask(100e6);
        vm.warp(opensAt);
        vault.claimExit(leaf, noProof);
        // What the last attested state says is free, and no more.
        assertEq(token.balanceOf(owner), 80e6);
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.NothingToClaim.selector, account, address(token)));
        vault.claimExit(leaf, noProof);
    }

    function test_claimExit_paysNoMoreThanAskedFor() public {
        vm.warp(opensAt);
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.NothingToClaim.selector, account, address(token)));
        vault.claimExit(leaf, noProof);
        _ask(30e6);
        vault.claimExit(leaf, noProof);
        assertEq(token.balanceOf(owner), 30e6);
        _ask(20e6);
        vault.claimExit(leaf, noProof);
        assertEq(token.balanceOf(owner), 50e6);
    }

    function test_claimExit_toTheNamedReceiver() public {
        _ask(80e6);
        vm.prank(owner);
        vault.setPayout(account, makeAddr("receiver"), false);
        vm.warp(opensAt);
        vault.claimExit(leaf, noProof);
        assertEq(token.balanceOf(makeAddr("receiver")), 80e6);
    }

    function testFuzz_claimExit_error_notOpen(uint256 at) public {
        _ask(80e6);
        vm.warp(bound(at, block.timestamp, opensAt - 1));
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.ExitNotOpen.selector, opensAt));
        vault.claimExit(leaf, noProof);
    }

    /// @dev Operators are back: exits are closed at once, even when the new epoch allows the same.
    function test_claimExit_error_closedByANewerAttestation() public {
        _ask(80e6);
        vm.warp(opensAt + 10 days);
        approve(leaf);
        opensAt = vm.getBlockTimestamp() + LIFETIME_SECONDS + EXIT_DELAY_SECONDS;
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.ExitNotOpen.selector, opensAt));
        vault.claimExit(leaf, noProof);
    }

    function test_claimExit_error_unproven() public {
        _ask(100e6);
        vm.warp(opensAt);
        leaf.exitTotal += 1;
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.InvalidWithdrawalProof.selector, account, 1));
        vault.claimExit(leaf, noProof);
    }

    function test_claimExit_error_noAttestation() public {
        CollateralVault other = vault;
        attestations = new SolvencyAttestations(endpoint, address(this), SALT);
        vault = newVault(endpoint, address(0));
        vm.expectRevert(ISolvencyAttestations.NoAttestation.selector);
        vault.claimExit(leaf, noProof);
        vault = other;
    }

    /// @dev A withdrawal pays approved totals alone, for ever: an exit total is none.
    function test_claimWithdrawal_error_exitTotalIsNoApproval() public {
        _ask(80e6);
        vm.warp(opensAt);
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.NothingToClaim.selector, account, address(token)));
        vault.claimWithdrawal(leaf, noProof);
    }

    /// @dev Whatever was signed, nobody is paid out of another's deposits.
    function testFuzz_claimExit_error_beyondDeposits(uint128 exitTotal) public {
        exitTotal = uint128(bound(exitTotal, 100e6 + 1, type(uint128).max));
        vault.deposit(Encodings.accountId(makeAddr("another"), 0), address(token), 500e6);
        leaf.exitTotal = exitTotal;
        approve(leaf);
        _ask(exitTotal);
        vm.warp(opensAt);
        vm.expectRevert(
            abi.encodeWithSelector(ICollateralVault.BeyondDeposits.selector, account, address(token), 100e6, exitTotal)
        );
        vault.claimExit(leaf, noProof);
    }

    /// @dev A pause delays an exit and ends by itself.
    function test_claimExit_waitsForAPauseToEnd() public {
        _ask(80e6);
        vm.warp(opensAt);
        vault.pauseClaims();
        uint64 until = uint64(opensAt + 3 days);
        vm.expectRevert(abi.encodeWithSelector(IVaultPause.ClaimsArePaused.selector, until));
        vault.claimExit(leaf, noProof);
        vm.warp(until);
        vault.claimExit(leaf, noProof);
        assertEq(token.balanceOf(owner), 80e6);
    }

    function testFuzz_constructor_error_exitDelay(uint64 delay) public {
        vm.assume(delay < 1 hours || delay > 30 days);
        VaultConfig memory config = VaultConfig(HUB_EID, address(attestations), address(0), address(wrapped), delay);
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.ExitDelayOutOfBounds.selector, 1 hours, 30 days));
        new CollateralVault(endpoint, address(this), config);
    }

    function _ask(uint256 amount) private {
        vm.prank(owner);
        vault.requestWithdrawal(account, address(token), amount);
    }
}
