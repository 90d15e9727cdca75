// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ICollateralVault} from "../src/interfaces/ICollateralVault.sol";
import {IVaultRequests} from "../src/interfaces/IVaultRequests.sol";
import {TestToken} from "../src/devnet/TestToken.sol";
import {AccountId} from "../src/types/Ids.sol";
import {WithdrawalLeaf} from "../src/types/Leaves.sol";
import {AwkwardToken} from "./support/AwkwardToken.sol";
import {CollateralChains} from "./support/CollateralChains.sol";
import {Encodings} from "./support/Encodings.sol";
import {LayerZero} from "./support/LayerZero.sol";
import {BlockingToken, FalseToken, NoReturnToken} from "./support/OddTokens.sol";

/// @dev ERC-20s as they are, and what strangers can do with them.
contract VaultTokensTest is CollateralChains {
    bytes32[] private noProof;

    function setUp() public {
        setUpCollateral();
    }

    function test_noReturnValue() public {
        NoReturnToken usdt = new NoReturnToken();
        _list(address(usdt));
        vault.deposit(account, address(usdt), 1_000);
        _approveAndClaim(address(usdt), 400);
        assertEq(usdt.balanceOf(owner), 400);
        assertEq(usdt.balanceOf(address(vault)), 600);
        _assertTotals(address(usdt), 1_000, 400);
    }

    function test_deposit_error_returnsFalse() public {
        FalseToken no = new FalseToken();
        _list(address(no));
        no.setRefusing(true);
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(no)));
        vault.deposit(account, address(no), 1_000);
        _assertTotals(address(no), 0, 0);
    }

    function test_claimWithdrawal_returnsFalseStaysClaimable() public {
        FalseToken no = new FalseToken();
        _list(address(no));
        vault.deposit(account, address(no), 1_000);
        WithdrawalLeaf memory leaf = _leaf(account, address(no), 400);
        approve(leaf);
        no.setRefusing(true);
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(no)));
        vault.claimWithdrawal(leaf, noProof);
        _assertTotals(address(no), 1_000, 0);
        no.setRefusing(false);
        vault.claimWithdrawal(leaf, noProof);
        assertEq(no.balanceOf(owner), 400);
    }

    /// @dev The vault counts the token's own units, whatever they are worth.
    function testFuzz_decimals(bool eighteen, uint128 amount, uint128 out) public {
        TestToken asset = new TestToken("Any", "ANY", eighteen ? 18 : 6);
        asset.mint(address(this), type(uint128).max);
        _list(address(asset));
        amount = uint128(bound(amount, 1, type(uint128).max));
        out = uint128(bound(out, 1, amount));
        vault.deposit(account, address(asset), amount);
        _approveAndClaim(address(asset), out);
        assertEq(asset.balanceOf(owner), out);
        assertEq(asset.balanceOf(address(vault)), amount - out);
    }

    /// @dev A fee is the depositor's on the way in and the receiver's on the way out: never another account's.
    function testFuzz_feeOnTransfer(uint256 feeBps, uint128 amount) public {
        AwkwardToken awkward = new AwkwardToken();
        _list(address(awkward));
        AccountId another = Encodings.accountId(makeAddr("another"), 0);
        vault.deposit(another, address(awkward), 5_000);
        awkward.setFeeBps(bound(feeBps, 0, 9_999));
        vault.deposit(account, address(awkward), bound(amount, 1e4, 1e30));
        (uint128 deposited,) = vault.totals(account, address(awkward));
        assertEq(awkward.balanceOf(address(vault)), uint256(deposited) + 5_000);
        _approveAndClaim(address(awkward), deposited);
        assertEq(awkward.balanceOf(address(vault)), 5_000);
        awkward.setFeeBps(0);
        WithdrawalLeaf memory rest = _leaf(another, address(awkward), 5_000);
        approve(rest);
        vault.claimWithdrawal(rest, noProof);
        assertEq(awkward.balanceOf(another.ownerOf()), 5_000);
    }

    /// @dev The claim stays open and takes nothing out of the outflow; nobody else is held up.
    function test_claimWithdrawal_blockedReceiver() public {
        BlockingToken usdc = new BlockingToken();
        _list(address(usdc));
        AccountId another = Encodings.accountId(makeAddr("another"), 0);
        vault.deposit(account, address(usdc), 1_000);
        vault.deposit(another, address(usdc), 1_000);
        usdc.setBlocked(owner, true);
        WithdrawalLeaf memory leaf = _leaf(account, address(usdc), 1_000);
        approve(leaf);
        uint256 available = vault.outflowAvailable(address(usdc));
        vm.expectRevert(abi.encodeWithSelector(BlockingToken.Blocked.selector, owner));
        vault.claimWithdrawal(leaf, noProof);
        _assertTotals(address(usdc), 1_000, 0);
        assertEq(vault.outflowAvailable(address(usdc)), available);

        WithdrawalLeaf memory others = _leaf(another, address(usdc), 1_000);
        approve(others);
        vault.claimWithdrawal(others, noProof);
        // The owner names somebody else, and what was approved before goes there.
        approve(leaf);
        vm.prank(owner);
        vault.setPayout(account, makeAddr("receiver"), false);
        vault.claimWithdrawal(leaf, noProof);
        assertEq(usdc.balanceOf(makeAddr("receiver")), 1_000);
        assertEq(usdc.balanceOf(address(vault)), 0);
    }

    /// @dev Tokens sent past `deposit` are nobody's: they neither add to a deposit nor make more claimable.
    function testFuzz_donation(uint128 before, uint128 given, uint128 amount) public {
        (before, given) = (uint128(bound(before, 1, 1e30)), uint128(bound(given, 1, 1e30)));
        amount = uint128(bound(amount, 1, 1e30));
        vault.deposit(account, address(token), before);
        token.transfer(address(vault), given);
        _assertTotals(address(token), before, 0);
        vault.deposit(account, address(token), amount);
        _assertTotals(address(token), before + amount, 0);

        WithdrawalLeaf memory leaf = _leaf(account, address(token), before + amount + 1);
        approve(leaf);
        vm.expectPartialRevert(ICollateralVault.BeyondDeposits.selector);
        vault.claimWithdrawal(leaf, noProof);
    }

    /// @dev A stranger's dust makes an account's reports carry more assets and cost more, up to the 16 that a vault
    /// lists. With the fee asked for they still arrive.
    function test_deposit_dustOfEveryAssetIsStillReported() public {
        address stranger = makeAddr("stranger");
        for (uint256 i; i < 15; ++i) {
            TestToken dust = newToken("DUST");
            dust.transfer(stranger, 1);
            vm.startPrank(stranger);
            dust.approve(address(vault), 1);
            vault.deposit(account, address(dust), 1);
            vm.stopPrank();
        }
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.TooManyAssets.selector, 16));
        vault.listAsset(address(1), 1, 1);
        vm.recordLogs();
        vault.deposit{value: vault.quoteReport(account).nativeFee}(account, address(token), 1e6);
        LayerZero.Packet memory packet = LayerZero.packets(vm.getRecordedLogs())[0];
        assertEq(packet.gasLimit, 100_000 + 16 * 32_000);
        LayerZero.verify(hubLibrary, packet);
        LayerZero.deliver(hubEndpoint, packet);
        (uint128 deposited,) = ledger.totals(EID, account, address(token));
        assertEq(deposited, 1e6);
    }

    /// @dev Whoever has approved claims can take from the bucket before others, but a large claim takes what is left.
    function test_claimWithdrawal_smallClaimsCannotStarveALargeOne() public {
        AccountId whale = Encodings.accountId(makeAddr("whale"), 0);
        vault.deposit(whale, address(token), OUTFLOW_CAPACITY);
        vault.deposit(account, address(token), 100e6);
        WithdrawalLeaf memory large = leafOf(whale, address(token), OUTFLOW_CAPACITY);
        // The bucket is full, and the small claim comes first.
        approve(leafOf(account, address(token), 1));
        vault.claimWithdrawal(leafOf(account, address(token), 1), noProof);
        approve(large);
        vault.claimWithdrawal(large, noProof);
        assertEq(token.balanceOf(whale.ownerOf()), OUTFLOW_CAPACITY - 1);
        vm.warp(vm.getBlockTimestamp() + 1);
        vault.claimWithdrawal(large, noProof);
        assertEq(token.balanceOf(whale.ownerOf()), OUTFLOW_CAPACITY);
    }

    /// @dev Whatever the vault's owner does, collateral leaves through a proven claim alone.
    function test_owner_cannotTakeCollateral() public {
        vault.deposit(account, address(token), 100e6);
        vault.setPeer(HUB_EID, bytes32(uint256(uint160(address(this)))));
        vault.setDelegate(address(this));
        vault.setReceiveGas(0, 0);
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.AssetAlreadyListed.selector, address(token)));
        vault.listAsset(address(token), type(uint128).max, type(uint128).max);
        vm.expectRevert(abi.encodeWithSelector(IVaultRequests.NotAccountOwner.selector, account, address(this)));
        vault.requestWithdrawal(account, address(token), 1);
        vault.renounceOwnership();
        assertEq(token.balanceOf(address(vault)), 100e6);
        approve(_leaf(account, address(token), 100e6));
        vault.claimWithdrawal(_leaf(account, address(token), 100e6), noProof);
        assertEq(token.balanceOf(owner), 100e6);
    }

    function test_error_notTheOwner() public {
        vm.startPrank(owner);
        bytes memory unauthorized = abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", owner);
        vm.expectRevert(unauthorized);
        vault.listAsset(address(1), 1, 1);
        vm.expectRevert(unauthorized);
        vault.setReceiveGas(1, 1);
        vm.expectRevert(unauthorized);
        vault.setPeer(HUB_EID, bytes32(uint256(1)));
        vm.expectRevert(unauthorized);
        ledger.setLocalVault(owner);
        vm.expectRevert(unauthorized);
        ledger.setPeer(EID, bytes32(uint256(1)));
        vm.expectRevert(unauthorized);
        attestations.setRegistry(owner);
        vm.expectRevert(unauthorized);
        attestations.setPeer(HUB_EID, bytes32(uint256(1)));
    }

    function test_listAsset_error_zero() public {
        vm.expectRevert(ICollateralVault.ZeroAmount.selector);
        vault.listAsset(address(1), 0, 1);
        vm.expectRevert(ICollateralVault.ZeroAmount.selector);
        vault.listAsset(address(1), 1, 0);
    }

    function _list(address asset) private {
        vault.listAsset(asset, type(uint128).max, 1e18);
        // Not through IERC20, whose answer one of these does not give.
        (bool success,) = asset.call(abi.encodeCall(token.approve, (address(vault), type(uint256).max)));
        assertTrue(success);
    }

    function _leaf(AccountId of_, address asset, uint128 approvedTotal) private view returns (WithdrawalLeaf memory) {
        return leafOf(of_, asset, approvedTotal);
    }

    function _approveAndClaim(address asset, uint128 approvedTotal) private {
        approve(_leaf(account, asset, approvedTotal));
        vault.claimWithdrawal(_leaf(account, asset, approvedTotal), noProof);
    }

    function _assertTotals(address asset, uint128 deposited, uint128 withdrawn) private view {
        (uint128 vaultDeposited, uint128 vaultWithdrawn) = vault.totals(account, asset);
        assertEq(vaultDeposited, deposited, "deposited");
        assertEq(vaultWithdrawn, withdrawn, "withdrawn");
    }
}
