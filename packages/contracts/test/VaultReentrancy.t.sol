// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {AccountId} from "../src/types/Ids.sol";
import {WithdrawalLeaf} from "../src/types/Leaves.sol";
import {CollateralChains} from "./support/CollateralChains.sol";
import {Encodings} from "./support/Encodings.sol";
import {Merkle} from "./support/Merkle.sol";
import {ReentrantToken} from "./support/ReentrantToken.sol";

/// @dev A listed token that turns malicious. Each call that it tries from within would pass by itself, and is made
/// once more from outside at the end to show it: what stops it is the guard and nothing else.
contract VaultReentrancyTest is CollateralChains {
    ReentrantToken private evil;
    AccountId private evilAccount;
    WithdrawalLeaf private evilLeaf;
    bytes32[] private evilProof;
    WithdrawalLeaf private leaf;
    bytes32[] private proof;
    bool private refundAttempted;
    bool private refundReentered;
    bytes private duringRefund;

    function setUp() public {
        setUpCollateral();
        evil = new ReentrantToken();
        evilAccount = Encodings.accountId(address(evil), 0);
        vault.listAsset(address(evil), OUTFLOW_CAPACITY, OUTFLOW_REFILL);
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
    }

    function test_deposit_error_reentered() public {
        for (uint256 path; path < 3; ++path) {
            _refusedWithin(ReentrantToken.Hook.TransferFrom, path);
        }
    }

    function test_claimWithdrawal_error_reentered() public {
        for (uint256 path; path < 3; ++path) {
            _refusedWithin(ReentrantToken.Hook.Transfer, path);
        }
    }

    /// @dev The vault asks for balances by a static call, so nothing at all can be written from there.
    function test_deposit_error_reenteredThroughBalanceOf() public {
        for (uint256 path; path < 4; ++path) {
            uint256 snapshot = vm.snapshotState();
            (bytes memory call_, uint256 value) = _path(path);
            evil.attack(ReentrantToken.Hook.BalanceOf, address(vault), call_, path == 1 ? 0 : value);
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
        ReentrantToken.Hook[2] memory hooks = [ReentrantToken.Hook.TransferFrom, ReentrantToken.Hook.Transfer];
        for (uint256 i; i < 2; ++i) {
            uint256 snapshot = vm.snapshotState();
            (bytes memory call_,) = _path(3);
            evil.attack(hooks[i], address(vault), call_, 0);
            _outer(hooks[i]);
            assertTrue(evil.succeeded());
            assertEq(vault.requestedTotal(evilAccount, address(token)), 5e6);
            (uint128 deposited, uint128 withdrawn) = vault.totals(evilAccount, address(token));
            assertEq(deposited, 50e6);
            assertEq(withdrawn, 0);
            vm.revertToState(snapshot);
        }
    }

    /// @dev LayerZero returns surplus to the caller in the middle of a report.
    function test_report_error_reenteredByTheRefund() public {
        for (uint256 path; path < 2; ++path) {
            uint256 snapshot = vm.snapshotState();
            duringRefund = path == 0
                ? abi.encodeCall(vault.deposit, (account, address(token), 1))
                : abi.encodeCall(vault.claimWithdrawal, (evilLeaf, evilProof));
            vault.report{value: vault.quoteReport(account).nativeFee + 1 ether}(account);
            assertTrue(refundAttempted);
            assertFalse(refundReentered);
            vm.revertToState(snapshot);
        }
    }

    receive() external payable override {
        if (duringRefund.length == 0) return;
        refundAttempted = true;
        (refundReentered,) = address(vault).call(duringRefund);
    }

    function _refusedWithin(ReentrantToken.Hook hook, uint256 path) private {
        uint256 snapshot = vm.snapshotState();
        (bytes memory call_, uint256 value) = _path(path);
        evil.attack(hook, address(vault), call_, value);
        _outer(hook);
        assertTrue(evil.attempted(), "not tried");
        assertFalse(evil.succeeded(), "re-entered");
        assertEq(evil.refusal(), ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        _assertDeposited(hook == ReentrantToken.Hook.TransferFrom ? 1_007 : 1_000);
        assertEq(token.balanceOf(address(vault)), 550e6, "others' collateral");

        evil.attack(ReentrantToken.Hook.None, address(vault), "", 0);
        evil.act(address(vault), call_, value);
        vm.revertToState(snapshot);
    }

    function _outer(ReentrantToken.Hook hook) private {
        if (hook == ReentrantToken.Hook.TransferFrom) vault.deposit(account, address(evil), 7);
        else vault.claimWithdrawal(leaf, proof);
    }

    /// @return call_ One of the vault's four paths, as the token would take it, and the value that goes with it.
    function _path(uint256 path) private view returns (bytes memory call_, uint256 value) {
        if (path == 0) return (abi.encodeCall(vault.deposit, (evilAccount, address(token), 3e6)), 0);
        if (path == 1) return (abi.encodeCall(vault.report, (account)), vault.quoteReport(account).nativeFee);
        if (path == 2) return (abi.encodeCall(vault.claimWithdrawal, (evilLeaf, evilProof)), 0);
        return (abi.encodeCall(vault.requestWithdrawal, (evilAccount, address(token), 5e6)), 0);
    }

    function _assertDeposited(uint128 expected) private view {
        (uint128 deposited,) = vault.totals(account, address(evil));
        assertEq(deposited, expected, "deposited");
    }
}
