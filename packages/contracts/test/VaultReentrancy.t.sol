// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {WETH} from "solady/tokens/WETH.sol";
import {Permit} from "../src/interfaces/ICollateralVault.sol";
import {AccountId} from "../src/types/Ids.sol";
import {WithdrawalLeaf} from "../src/types/Leaves.sol";
import {CollateralChains} from "./support/CollateralChains.sol";
import {Encodings} from "./support/Encodings.sol";
import {Merkle} from "./support/Merkle.sol";
import {ReentrantToken} from "./support/ReentrantToken.sol";

/// @dev A listed token, which is the chain's wrapped native token too, turns malicious. Each call that it tries from
/// within would pass by itself, and is made once more from outside at the end to show it: what stops it is the guard
/// and nothing else.
contract VaultReentrancyTest is CollateralChains {
    /// @dev Of `_path`: the ones that move something, and the two that do not and are not guarded.
    uint256 private constant GUARDED = 6;
    uint256 private constant REQUEST = 6;
    uint256 private constant PAYOUT = 7;
    Permit private noPermit;

    ReentrantToken private evil;
    AccountId private evilAccount;
    WithdrawalLeaf private evilLeaf;
    bytes32[] private evilProof;
    WithdrawalLeaf private leaf;
    bytes32[] private proof;
    /// @dev Whether the bystander's claim is an exit.
    bool private byExit;
    bool private refundAttempted;
    bool private refundReentered;
    bytes private duringRefund;

    function setUp() public {
        setUpCollateral();
        evil = new ReentrantToken();
        evilAccount = Encodings.accountId(address(evil), 0);
        wrapped = WETH(payable(address(evil)));
        vault = newVault(endpoint, address(0));
        vault.setPeer(HUB_EID, bytes32(uint256(uint160(address(ledger)))));
        vault.listAsset(address(token), OUTFLOW_CAPACITY, OUTFLOW_REFILL);
        vault.listAsset(address(evil), OUTFLOW_CAPACITY, OUTFLOW_REFILL);
        token.approve(address(vault), type(uint256).max);
        vm.deal(address(evil), 10 ether);
        token.mint(address(evil), 100e6);
        evil.act(address(token), abi.encodeCall(token.approve, (address(vault), type(uint256).max)), 0);
        vault.deposit(evilAccount, address(token), 50e6);
        vault.deposit(account, address(token), 500e6);
        vault.deposit(account, address(evil), 1_000);

        leaf = leafOf(account, address(evil), 600);
        evilLeaf = leafOf(evilAccount, address(token), 20e6);
        bytes32[] memory leaves = new bytes32[](2);
        (leaves[0], leaves[1]) = (Encodings.hash(leaf), Encodings.hash(evilLeaf));
        (proof, evilProof) = (Merkle.proof(leaves, 0), Merkle.proof(leaves, 1));
        attestations.post(attest(Merkle.root(leaves)));
        // Exits are open, and asked for.
        vm.warp(vault.exitOpensAt());
        vm.prank(owner);
        vault.requestWithdrawal(account, address(evil), 600);
        evil.act(address(vault), abi.encodeCall(vault.requestWithdrawal, (evilAccount, address(token), 20e6)), 0);
    }

    function test_deposit_error_reentered() public {
        _everyPathRefusedWithin(ReentrantToken.Hook.TransferFrom);
    }

    function test_depositWithPermit_error_reentered() public {
        _everyPathRefusedWithin(ReentrantToken.Hook.Permit);
    }

    function test_depositNative_error_reentered() public {
        _everyPathRefusedWithin(ReentrantToken.Hook.Wrap);
    }

    function test_claimWithdrawal_error_reentered() public {
        _everyPathRefusedWithin(ReentrantToken.Hook.Transfer);
    }

    function test_claimWithdrawal_error_reenteredByTheWrapper() public {
        _everyPathRefusedWithin(ReentrantToken.Hook.Unwrap);
    }

    function test_claimWithdrawal_error_reenteredByTheReceiverOfEther() public {
        _everyPathRefusedWithin(ReentrantToken.Hook.Receive);
    }

    function test_claimExit_error_reentered() public {
        byExit = true;
        _everyPathRefusedWithin(ReentrantToken.Hook.Transfer);
        _everyPathRefusedWithin(ReentrantToken.Hook.Unwrap);
        _everyPathRefusedWithin(ReentrantToken.Hook.Receive);
    }

    /// @dev The vault asks for balances by a static call, so nothing at all can be written from there.
    function test_deposit_error_reenteredThroughBalanceOf() public {
        for (uint256 path; path <= PAYOUT; ++path) {
            uint256 snapshot = vm.snapshotState();
            (bytes memory call_, uint256 value) = _path(path);
            evil.attack(ReentrantToken.Hook.BalanceOf, address(vault), call_, 0);
            vm.expectCall(address(vault), call_);
            vault.deposit(account, address(evil), 7);
            _assertDeposited(1_007);
            evil.attack(ReentrantToken.Hook.None, address(vault), "", 0);
            evil.act(address(vault), call_, value);
            vm.revertToState(snapshot);
        }
    }

    /// @dev Not guarded, for it moves nothing: a request from within is as good as one before or after.
    function test_requestWithdrawal_fromWithinIsHarmless() public {
        for (uint8 hook = uint8(ReentrantToken.Hook.Transfer); hook <= uint8(ReentrantToken.Hook.Receive); ++hook) {
            if (hook == uint8(ReentrantToken.Hook.BalanceOf)) continue;
            uint256 snapshot = vm.snapshotState();
            (bytes memory call_,) = _path(REQUEST);
            _outer(ReentrantToken.Hook(hook), call_, 0);
            assertTrue(evil.succeeded());
            assertEq(vault.requestedTotal(evilAccount, address(token)), 5e6);
            (uint128 deposited, uint128 withdrawn) = vault.totals(evilAccount, address(token));
            assertEq(deposited, 50e6);
            assertEq(withdrawn, 0);
            vm.revertToState(snapshot);
        }
    }

    /// @dev Nor is this guarded: who is paid was read before the payment, and an owner names receivers for its own
    /// accounts alone.
    function test_setPayout_fromWithinIsHarmless() public {
        (bytes memory call_,) = _path(PAYOUT);
        _outer(ReentrantToken.Hook.Transfer, call_, 0);
        assertTrue(evil.succeeded());
        assertEq(evil.balanceOf(owner), 600);
        (address receiver,) = vault.payoutOf(account);
        assertEq(receiver, owner);
    }

    /// @dev LayerZero returns surplus to the caller in the middle of a report.
    function test_report_error_reenteredByTheRefund() public {
        for (uint256 path; path < GUARDED; ++path) {
            uint256 snapshot = vm.snapshotState();
            (duringRefund,) = _path(path);
            vault.report{value: vault.quoteReport(account).nativeFee + 1 ether}(account);
            assertTrue(refundAttempted);
            assertFalse(refundReentered);
            vm.revertToState(snapshot);
        }
    }

    receive() external payable override {
        if (duringRefund.length == 0) return;
        refundAttempted = true;
        bytes memory reason;
        (refundReentered, reason) = address(vault).call(duringRefund);
        if (bytes4(reason) != ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector) refundReentered = true;
    }

    function _everyPathRefusedWithin(ReentrantToken.Hook hook) private {
        for (uint256 path; path < GUARDED; ++path) {
            uint256 snapshot = vm.snapshotState();
            (bytes memory call_, uint256 value) = _path(path);
            _outer(hook, call_, value);
            assertTrue(evil.attempted(), "not tried");
            assertFalse(evil.succeeded(), "re-entered");
            assertEq(evil.refusal(), ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
            _assertDeposited(_pays(hook) ? 1_000 : 1_007);
            (, uint128 withdrawn) = vault.totals(account, address(evil));
            assertEq(withdrawn, _pays(hook) ? 600 : 0, "withdrawn");
            assertEq(token.balanceOf(address(vault)), 550e6, "others' collateral");

            evil.attack(ReentrantToken.Hook.None, address(vault), "", 0);
            evil.act(address(vault), call_, value);
            vm.revertToState(snapshot);
        }
    }

    function _pays(ReentrantToken.Hook hook) private pure returns (bool) {
        return hook == ReentrantToken.Hook.Transfer || hook == ReentrantToken.Hook.Unwrap
            || hook == ReentrantToken.Hook.Receive;
    }

    /// @dev The call of a bystander in the middle of which the token makes its own.
    function _outer(ReentrantToken.Hook hook, bytes memory call_, uint256 value) private {
        if (hook == ReentrantToken.Hook.Unwrap || hook == ReentrantToken.Hook.Receive) {
            vm.prank(owner);
            vault.setPayout(account, address(evil), true);
        }
        evil.attack(hook, address(vault), call_, value);
        if (hook == ReentrantToken.Hook.TransferFrom) vault.deposit(account, address(evil), 7);
        else if (hook == ReentrantToken.Hook.Permit) vault.depositWithPermit(account, address(evil), 7, noPermit);
        else if (hook == ReentrantToken.Hook.Wrap) vault.depositNative{value: 7}(account, 7);
        else if (byExit) vault.claimExit(leaf, proof);
        else vault.claimWithdrawal(leaf, proof);
    }

    /// @return call_ One of the vault's paths, as the token would take it, and the value that goes with it.
    function _path(uint256 path) private view returns (bytes memory call_, uint256 value) {
        if (path == 0) return (abi.encodeCall(vault.deposit, (evilAccount, address(token), 3e6)), 0);
        if (path == 1) return (abi.encodeCall(vault.report, (account)), vault.quoteReport(account).nativeFee);
        if (path == 2) return (abi.encodeCall(vault.claimWithdrawal, (evilLeaf, evilProof)), 0);
        if (path == 3) {
            return (abi.encodeCall(vault.depositWithPermit, (evilAccount, address(token), 3e6, noPermit)), 0);
        }
        if (path == 4) return (abi.encodeCall(vault.depositNative, (evilAccount, 5)), 5);
        if (path == 5) return (abi.encodeCall(vault.claimExit, (evilLeaf, evilProof)), 0);
        if (path == REQUEST) return (abi.encodeCall(vault.requestWithdrawal, (evilAccount, address(token), 5e6)), 0);
        return (abi.encodeCall(vault.setPayout, (evilAccount, address(this), false)), 0);
    }

    function _assertDeposited(uint128 expected) private view {
        (uint128 deposited,) = vault.totals(account, address(evil));
        assertEq(deposited, expected, "deposited");
    }
}
