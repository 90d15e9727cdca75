// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ICollateralVault} from "../src/interfaces/ICollateralVault.sol";
import {ISolvencyAttestations} from "../src/interfaces/ISolvencyAttestations.sol";
import {IVaultRequests} from "../src/interfaces/IVaultRequests.sol";
import {AccountId} from "../src/types/Ids.sol";
import {WithdrawalLeaf} from "../src/types/Leaves.sol";
import {CollateralChains} from "./support/CollateralChains.sol";
import {Encodings} from "./support/Encodings.sol";
import {Merkle} from "./support/Merkle.sol";
import {AwkwardToken} from "./support/AwkwardToken.sol";

contract CollateralVaultTest is CollateralChains {
    bytes32[] private noProof;

    function setUp() public {
        setUpCollateral();
        vault.deposit(account, address(token), 100e6);
    }

    function test_deposit() public {
        vm.expectEmit(address(vault));
        emit ICollateralVault.Deposited(account, address(token), address(this), 5e6, 105e6, 2);
        vault.deposit(account, address(token), 5e6);
        _assertTotals(105e6, 0);
        assertEq(token.balanceOf(address(vault)), 105e6);
    }

    function test_deposit_creditsWhatArrived() public {
        AwkwardToken awkward = new AwkwardToken();
        vault.listAsset(address(awkward), 1e18, 1e18);
        awkward.approve(address(vault), type(uint256).max);
        awkward.setFeeBps(100);
        vault.deposit(account, address(awkward), 1_000);
        (uint128 deposited,) = vault.totals(account, address(awkward));
        assertEq(deposited, 990);
        awkward.setFeeBps(10_000);
        vm.expectRevert(ICollateralVault.ZeroAmount.selector);
        vault.deposit(account, address(awkward), 1_000);
    }

    function test_deposit_error_notListed() public {
        ERC20 unlisted = new AwkwardToken();
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.AssetNotListed.selector, address(unlisted)));
        vault.deposit(account, address(unlisted), 1);
    }

    function test_deposit_error_zero() public {
        vm.expectRevert(ICollateralVault.ZeroAmount.selector);
        vault.deposit(account, address(token), 0);
    }

    function test_deposit_error_beyondUint128() public {
        AwkwardToken awkward = new AwkwardToken();
        vault.listAsset(address(awkward), 1e18, 1e18);
        awkward.approve(address(vault), type(uint256).max);
        vm.expectRevert();
        vault.deposit(account, address(awkward), uint256(type(uint128).max) + 1);
        vault.deposit(account, address(awkward), type(uint128).max);
        vm.expectRevert();
        vault.deposit(account, address(awkward), 1);
    }

    function test_deposit_error_reentered() public {
        AwkwardToken awkward = new AwkwardToken();
        vault.listAsset(address(awkward), 1e18, 1e18);
        awkward.approve(address(vault), type(uint256).max);
        awkward.onTransferCall(address(vault), abi.encodeCall(vault.deposit, (account, address(token), 1)));
        vm.expectRevert();
        vault.deposit(account, address(awkward), 1_000);
    }

    function test_requestWithdrawal() public {
        vm.expectEmit(address(vault));
        emit IVaultRequests.WithdrawalRequested(account, address(token), 40e6);
        vm.prank(owner);
        vault.requestWithdrawal(account, address(token), 40e6);
        assertEq(vault.requestedTotal(account, address(token)), 40e6);
        approve(leafOf(40e6));
        vault.claimWithdrawal(leafOf(40e6), noProof);

        vm.startPrank(owner);
        vault.requestWithdrawal(account, address(token), 10e6);
        assertEq(vault.requestedTotal(account, address(token)), 50e6);
        vault.requestWithdrawal(account, address(token), 0);
        assertEq(vault.requestedTotal(account, address(token)), 40e6);
    }

    function test_requestWithdrawal_error_notTheOwner() public {
        vm.expectRevert(abi.encodeWithSelector(IVaultRequests.NotAccountOwner.selector, account, address(this)));
        vault.requestWithdrawal(account, address(token), 1);
    }

    function test_claimWithdrawal_paysTheOwnerOnce() public {
        approve(leafOf(40e6));
        vm.expectEmit(address(vault));
        emit ICollateralVault.Withdrawn(account, address(token), owner, 40e6, 40e6, 2);
        vault.claimWithdrawal(leafOf(40e6), noProof);
        assertEq(token.balanceOf(owner), 40e6);
        _assertTotals(100e6, 40e6);
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.NothingToClaim.selector, account, address(token)));
        vault.claimWithdrawal(leafOf(40e6), noProof);

        approve(leafOf(70e6));
        vault.claimWithdrawal(leafOf(70e6), noProof);
        assertEq(token.balanceOf(owner), 70e6);
    }

    function test_claimWithdrawal_isReported() public {
        vm.recordLogs();
        approve(leafOf(40e6));
        vault.claimWithdrawal{value: vault.quoteReport(account).nativeFee}(leafOf(40e6), noProof);
        deliverAll();
        (uint128 deposited, uint128 withdrawn) = ledger.totals(EID, account, address(token));
        assertEq(deposited, 100e6);
        assertEq(withdrawn, 40e6);
    }

    function test_claimWithdrawal_afterExpiry() public {
        approve(leafOf(40e6));
        vm.warp(block.timestamp + LIFETIME_SECONDS + 1 days);
        vault.claimWithdrawal(leafOf(40e6), noProof);
        assertEq(token.balanceOf(owner), 40e6);
    }

    /// @dev Nothing is payable without a proof: any difference from the proven leaf, in leaf or proof, is refused.
    function testFuzz_claimWithdrawal_error_unproven(uint128 approvedTotal, bytes32 node, uint256 mutation) public {
        approvedTotal = uint128(bound(approvedTotal, 1, 100e6 - 1));
        WithdrawalLeaf memory leaf = leafOf(approvedTotal);
        bytes32[] memory leaves = new bytes32[](4);
        leaves[0] = Encodings.hash(leaf);
        for (uint256 i = 1; i < 4; ++i) {
            leaves[i] = keccak256(abi.encode(node, i));
        }
        attestations.post(attest(Merkle.root(leaves)));
        bytes32[] memory proof = Merkle.proof(leaves, 0);
        mutation = bound(mutation, 0, 5);
        if (mutation == 0) leaf.approvedTotal += 1;
        if (mutation == 1) leaf.account = Encodings.accountId(owner, 4);
        if (mutation == 2) leaf.asset = address(newToken("OTHER"));
        if (mutation == 3) proof[0] = bytes32(uint256(proof[0]) ^ 1);
        if (mutation == 4) proof = Merkle.append(proof, node);
        if (mutation == 5) proof = new bytes32[](0);
        vm.expectRevert(
            abi.encodeWithSelector(ICollateralVault.InvalidWithdrawalProof.selector, leaf.account, lastEpoch)
        );
        vault.claimWithdrawal(leaf, proof);
    }

    function test_claimWithdrawal_error_otherVault() public {
        WithdrawalLeaf memory leaf = leafOf(40e6);
        leaf.vault = address(hubVault);
        approve(leaf);
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.WrongVault.selector, address(hubVault)));
        vault.claimWithdrawal(leaf, noProof);
    }

    function test_claimWithdrawal_error_noAttestation() public {
        vm.expectRevert(ISolvencyAttestations.NoAttestation.selector);
        vault.claimWithdrawal(leafOf(40e6), noProof);
    }

    /// @dev A newer epoch without the leaf takes the approval's proof away, not the approval.
    function test_claimWithdrawal_error_proofOfAnOlderEpoch() public {
        approve(leafOf(40e6));
        attestations.post(attest(keccak256("other leaves")));
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.InvalidWithdrawalProof.selector, account, 2));
        vault.claimWithdrawal(leafOf(40e6), noProof);
    }

    /// @dev Even a signed leaf does not pay one account out of another's deposits.
    function test_claimWithdrawal_error_beyondDeposits() public {
        vault.deposit(Encodings.accountId(makeAddr("another"), 0), address(token), 500e6);
        approve(leafOf(100e6 + 1));
        vm.expectRevert(
            abi.encodeWithSelector(ICollateralVault.BeyondDeposits.selector, account, address(token), 100e6, 100e6 + 1)
        );
        vault.claimWithdrawal(leafOf(100e6 + 1), noProof);
    }

    function test_claimWithdrawal_failedTransferStaysClaimable() public {
        AwkwardToken awkward = new AwkwardToken();
        vault.listAsset(address(awkward), 1e18, 1e18);
        awkward.approve(address(vault), type(uint256).max);
        vault.deposit(account, address(awkward), 1_000);
        WithdrawalLeaf memory leaf = WithdrawalLeaf(account, address(vault), address(awkward), 600, 600);
        approve(leaf);
        awkward.setFailing(true);
        vm.expectRevert();
        vault.claimWithdrawal(leaf, noProof);
        (, uint128 withdrawn) = vault.totals(account, address(awkward));
        assertEq(withdrawn, 0);
        awkward.setFailing(false);
        vault.claimWithdrawal(leaf, noProof);
        assertEq(awkward.balanceOf(owner), 600);
    }

    /// @dev What the limiter lets go is paid, and the rest later, under the same leaf.
    function test_claimWithdrawal_inPartsWhileTheOutflowIsLow() public {
        AccountId whale = Encodings.accountId(makeAddr("whale"), 0);
        vault.deposit(whale, address(token), OUTFLOW_CAPACITY);
        WithdrawalLeaf memory all = leafOf(whale, address(token), OUTFLOW_CAPACITY);
        approve(all);
        vault.claimWithdrawal(all, noProof);
        assertEq(vault.outflowAvailable(address(token)), 0);

        approve(leafOf(40e6));
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.OutflowLimited.selector, address(token), 0, 40e6));
        vault.claimWithdrawal(leafOf(40e6), noProof);
        vm.warp(block.timestamp + 39);
        vault.claimWithdrawal(leafOf(40e6), noProof);
        assertEq(token.balanceOf(owner), 39e6);
        _assertTotals(100e6, 39e6);
        vm.warp(block.timestamp + 365 days);
        vault.claimWithdrawal(leafOf(40e6), noProof);
        assertEq(token.balanceOf(owner), 40e6);
        _assertTotals(100e6, 40e6);
        assertEq(vault.outflowAvailable(address(token)), OUTFLOW_CAPACITY - 1e6);
    }

    function test_listAsset_error_tooMany() public {
        for (uint256 i = 1; i < 16; ++i) {
            vault.listAsset(address(uint160(i)), 1, 1);
        }
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.TooManyAssets.selector, 16));
        vault.listAsset(address(uint160(16)), 1, 1);
    }

    function test_listAsset_error_twice() public {
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.AssetAlreadyListed.selector, address(token)));
        vault.listAsset(address(token), 1, 1);
    }

    function _assertTotals(uint128 deposited, uint128 withdrawn) private view {
        (uint128 vaultDeposited, uint128 vaultWithdrawn) = vault.totals(account, address(token));
        assertEq(vaultDeposited, deposited, "deposited");
        assertEq(vaultWithdrawn, withdrawn, "withdrawn");
    }
}
