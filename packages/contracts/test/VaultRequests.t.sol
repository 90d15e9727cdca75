// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ICollateralVault} from "../src/interfaces/ICollateralVault.sol";
import {IVaultRequests, PayoutChoice, WithdrawalRequest} from "../src/interfaces/IVaultRequests.sol";
import {AccountId} from "../src/types/Ids.sol";
import {WithdrawalLeaf} from "../src/types/Leaves.sol";
import {CollateralChains} from "./support/CollateralChains.sol";
import {ContractWallet} from "./support/ContractWallet.sol";
import {Encodings} from "./support/Encodings.sol";
import {Operators} from "./support/Operators.sol";

/// @dev Only the owner, or who has the owner's signature, says what leaves and whereto.
contract VaultRequestsTest is CollateralChains {
    uint256 private constant KEY = 0xa11ce;
    address private signer = vm.addr(KEY);
    address private receiver = makeAddr("receiver");
    AccountId private signers = Encodings.accountId(signer, 1);
    bytes32[] private noProof;

    function setUp() public {
        setUpCollateral();
        vault.listAsset(address(wrapped), 100 ether, 1 ether);
        vault.deposit(signers, address(token), 100e6);
        vault.depositNative{value: 5 ether}(signers, 5 ether);
    }

    function test_requestWithdrawalSigned() public {
        WithdrawalRequest memory request = _request(signers, 40e6, 0);
        vm.expectEmit(address(vault));
        emit IVaultRequests.WithdrawalRequested(signers, address(token), 40e6);
        vault.requestWithdrawalSigned(request, _sign(vault.requestDigest(request)));
        assertEq(vault.requestedTotal(signers, address(token)), 40e6);
        assertEq(vault.nonces(signer), 1);
    }

    /// @dev A cumulative total means the same before and after a payment: it never asks for more because of one.
    function test_requestWithdrawalSigned_afterAPayment() public {
        approve(leafOf(signers, address(token), 30e6));
        vault.claimWithdrawal(leafOf(signers, address(token), 30e6), noProof);
        WithdrawalRequest memory request = _request(signers, 40e6, 0);
        vault.requestWithdrawalSigned(request, _sign(vault.requestDigest(request)));
        assertEq(vault.requestedTotal(signers, address(token)), 40e6);
        request = _request(signers, 10e6, 1);
        vault.requestWithdrawalSigned(request, _sign(vault.requestDigest(request)));
        assertEq(vault.requestedTotal(signers, address(token)), 30e6);
    }

    function test_requestWithdrawalSigned_error_replayed() public {
        WithdrawalRequest memory request = _request(signers, 40e6, 0);
        bytes memory signature = _sign(vault.requestDigest(request));
        vault.requestWithdrawalSigned(request, signature);
        vm.expectRevert(abi.encodeWithSelector(IVaultRequests.WrongNonce.selector, signer, 1, 0));
        vault.requestWithdrawalSigned(request, signature);
    }

    function test_requestWithdrawalSigned_error_expired() public {
        WithdrawalRequest memory request = _request(signers, 40e6, 0);
        bytes memory signature = _sign(vault.requestDigest(request));
        vm.warp(request.deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IVaultRequests.SignatureExpired.selector, request.deadline));
        vault.requestWithdrawalSigned(request, signature);
    }

    /// @dev Any difference from what was signed is refused, and so is another vault's or another chain's signature.
    function testFuzz_requestWithdrawalSigned_error_altered(uint256 mutation, uint128 total) public {
        WithdrawalRequest memory request = _request(signers, 40e6, 0);
        bytes memory signature = _sign(vault.requestDigest(request));
        mutation = bound(mutation, 0, 5);
        if (mutation == 0) request.total = total == 40e6 ? total + 1 : total;
        if (mutation == 1) request.account = Encodings.accountId(signer, 2);
        if (mutation == 2) request.asset = address(wrapped);
        if (mutation == 3) request.deadline += 1;
        if (mutation == 4) vm.chainId(block.chainid + 1);
        if (mutation == 5) signature = _sign(hubVault.requestDigest(request));
        vm.expectRevert(abi.encodeWithSelector(IVaultRequests.InvalidOwnerSignature.selector, request.account, signer));
        vault.requestWithdrawalSigned(request, signature);
    }

    function test_requestWithdrawalSigned_error_ofTheZeroAddress() public {
        WithdrawalRequest memory request = _request(Encodings.accountId(address(0), 1), 1, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IVaultRequests.InvalidOwnerSignature.selector, request.account, address(0))
        );
        vault.requestWithdrawalSigned(request, new bytes(65));
    }

    function test_requestWithdrawal_error_notListed() public {
        vm.prank(signer);
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.AssetNotListed.selector, address(1)));
        vault.requestWithdrawal(signers, address(1), 1);
    }

    function test_signed_byAContractWallet() public {
        ContractWallet wallet = new ContractWallet(signer);
        AccountId wallets = Encodings.accountId(address(wallet), 0);
        WithdrawalRequest memory request = _request(wallets, 1, 0);
        vault.requestWithdrawalSigned(request, _sign(vault.requestDigest(request)));
        assertEq(vault.requestedTotal(wallets, address(token)), 1);
        PayoutChoice memory choice = PayoutChoice(wallets, receiver, true, 1, block.timestamp);
        vault.setPayoutSigned(choice, _sign(vault.payoutDigest(choice)));
        (address named, bool native) = vault.payoutOf(wallets);
        assertEq(named, receiver);
        assertTrue(native);
        choice.nonce = 2;
        bytes memory signature = Operators.sign(0xbad, vault.payoutDigest(choice));
        vm.expectRevert();
        vault.setPayoutSigned(choice, signature);
    }

    function test_setPayoutSigned() public {
        PayoutChoice memory choice = PayoutChoice(signers, receiver, false, 0, block.timestamp);
        vm.expectEmit(address(vault));
        emit IVaultRequests.PayoutSet(signers, receiver, false);
        vault.setPayoutSigned(choice, _sign(vault.payoutDigest(choice)));
        approve(leafOf(signers, address(token), 30e6));
        vault.claimWithdrawal(leafOf(signers, address(token), 30e6), noProof);
        assertEq(token.balanceOf(receiver), 30e6);
        vm.prank(signer);
        vault.setPayout(signers, address(0), false);
        (address named,) = vault.payoutOf(signers);
        assertEq(named, signer);
    }

    function testFuzz_setPayoutSigned_error_altered(uint256 mutation, address other) public {
        vm.assume(other != receiver && other != address(vault));
        PayoutChoice memory choice = PayoutChoice(signers, receiver, false, 0, block.timestamp);
        bytes memory signature = _sign(vault.payoutDigest(choice));
        mutation = bound(mutation, 0, 2);
        if (mutation == 0) choice.receiver = other;
        if (mutation == 1) choice.native = true;
        if (mutation == 2) choice.account = Encodings.accountId(signer, 2);
        vm.expectRevert(abi.encodeWithSelector(IVaultRequests.InvalidOwnerSignature.selector, choice.account, signer));
        vault.setPayoutSigned(choice, signature);
    }

    function testFuzz_setPayout_error_notTheOwner(address caller) public {
        vm.assume(caller != signer);
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IVaultRequests.NotAccountOwner.selector, signers, caller));
        vault.setPayout(signers, caller, false);
    }

    function test_setPayout_error_toTheVault() public {
        vm.prank(signer);
        vm.expectRevert(abi.encodeWithSelector(IVaultRequests.InvalidReceiver.selector, address(vault)));
        vault.setPayout(signers, address(vault), false);
    }

    function test_claimWithdrawal_inEther() public {
        vm.prank(signer);
        vault.setPayout(signers, receiver, true);
        WithdrawalLeaf memory leaf = leafOf(signers, address(wrapped), 2 ether);
        approve(leaf);
        vault.claimWithdrawal{value: vault.quoteReport(signers).nativeFee}(leaf, noProof);
        assertEq(receiver.balance, 2 ether);
        assertEq(address(vault).balance, 0);
        // Other assets go as they are.
        approve(leafOf(signers, address(token), 1e6));
        vault.claimWithdrawal(leafOf(signers, address(token), 1e6), noProof);
        assertEq(token.balanceOf(receiver), 1e6);
    }

    /// @dev A receiver that takes no ether holds up nobody, and nothing is lost.
    function test_claimWithdrawal_error_receiverRefusesEther() public {
        vm.prank(signer);
        vault.setPayout(signers, address(token), true);
        WithdrawalLeaf memory leaf = leafOf(signers, address(wrapped), 2 ether);
        approve(leaf);
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.NativeTransferFailed.selector, address(token)));
        vault.claimWithdrawal(leaf, noProof);
        vm.prank(signer);
        vault.setPayout(signers, address(0), false);
        vault.claimWithdrawal(leaf, noProof);
        assertEq(wrapped.balanceOf(signer), 2 ether);
    }

    function _request(AccountId of_, uint128 total, uint256 nonce) private view returns (WithdrawalRequest memory) {
        return WithdrawalRequest(of_, address(token), total, nonce, block.timestamp + 1 hours);
    }

    function _sign(bytes32 digest) private pure returns (bytes memory) {
        return Operators.sign(KEY, digest);
    }
}
