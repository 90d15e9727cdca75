// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ICollateralVault, Permit} from "../src/interfaces/ICollateralVault.sol";
import {CollateralChains} from "./support/CollateralChains.sol";
import {WETH} from "solady/tokens/WETH.sol";

contract PermitToken is ERC20Permit {
    constructor() ERC20("Permit", "PERMIT") ERC20Permit("Permit") {
        _mint(msg.sender, type(uint128).max);
    }
}

/// @dev Ways in: by permit, and native ether by its wrapper.
contract VaultDepositsTest is CollateralChains {
    PermitToken private permitted;
    uint256 private constant KEY = 0xbeef;
    address private depositor = vm.addr(KEY);

    function setUp() public {
        setUpCollateral();
        permitted = new PermitToken();
        vault.listAsset(address(permitted), OUTFLOW_CAPACITY, OUTFLOW_REFILL);
        permitted.transfer(depositor, 1_000);
        vault.listAsset(address(wrapped), 100 ether, 1 ether);
        hubVault.listAsset(address(wrapped), 100 ether, 1 ether);
        vm.deal(depositor, 100 ether);
    }

    function test_depositWithPermit() public {
        Permit memory permit = _permit(600, block.timestamp);
        vm.prank(depositor);
        vault.depositWithPermit(account, address(permitted), 600, permit);
        _assertDeposited(address(permitted), 600);
        assertEq(permitted.allowance(depositor, address(vault)), 0);
    }

    /// @dev Somebody saw it in the pool and submitted it first: the allowance is there all the same.
    function test_depositWithPermit_permitUsedByAnother() public {
        Permit memory permit = _permit(600, block.timestamp);
        permitted.permit(depositor, address(vault), 600, permit.deadline, permit.v, permit.r, permit.s);
        vm.prank(depositor);
        vault.depositWithPermit(account, address(permitted), 600, permit);
        _assertDeposited(address(permitted), 600);
    }

    /// @dev A permit speaks for the caller only: nobody can deposit another's tokens by it, not even to that one's own
    /// account.
    function testFuzz_depositWithPermit_error_notByTheSigner(address caller) public {
        vm.assume(caller != depositor && caller != address(this) && caller != address(0));
        Permit memory permit = _permit(600, block.timestamp);
        vm.prank(caller);
        vm.expectRevert();
        vault.depositWithPermit(account, address(permitted), 600, permit);
    }

    function test_depositWithPermit_error_expired() public {
        Permit memory permit = _permit(600, block.timestamp - 1);
        vm.prank(depositor);
        vm.expectRevert();
        vault.depositWithPermit(account, address(permitted), 600, permit);
    }

    /// @dev A token without permits is deposited by its allowance.
    function test_depositWithPermit_tokenWithoutPermits() public {
        vault.depositWithPermit(account, address(token), 5e6, _permit(0, 0));
        _assertDeposited(address(token), 5e6);
    }

    function testFuzz_depositNative(uint256 amount, bool reported, uint96 surplus) public {
        amount = bound(amount, 1, 50 ether);
        uint256 fee = reported ? vault.quoteReport(account).nativeFee + bound(surplus, 0, 10 ether) : 0;
        vm.expectEmit(address(vault));
        emit ICollateralVault.Deposited(account, address(wrapped), depositor, uint128(amount), uint128(amount), 1);
        vm.prank(depositor);
        vault.depositNative{value: amount + fee}(account, amount);
        _assertDeposited(address(wrapped), uint128(amount));
        assertEq(wrapped.balanceOf(address(vault)), amount);
        assertEq(address(vault).balance, 0);
        // LayerZero returned what the report did not cost.
        if (reported) fee = vault.quoteReport(account).nativeFee;
        assertEq(depositor.balance, 100 ether - amount - fee);
    }

    function test_depositNative_onTheHub() public {
        vm.startPrank(depositor);
        hubVault.depositNative{value: 3 ether}(account, 3 ether);
        (uint128 deposited,) = ledger.totals(HUB_EID, account, address(wrapped));
        assertEq(deposited, 3 ether);
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.FeeOnLocalReport.selector, 1));
        hubVault.depositNative{value: 3 ether + 1}(account, 3 ether);
    }

    function test_depositNative_error_moreThanSent() public {
        vm.deal(address(wrapped), 100 ether);
        vm.prank(depositor);
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.ValueBelowAmount.selector, 1 ether, 1 ether + 1));
        vault.depositNative{value: 1 ether}(account, 1 ether + 1);
    }

    function test_depositNative_error_zero() public {
        vm.prank(depositor);
        vm.expectRevert(ICollateralVault.ZeroAmount.selector);
        vault.depositNative{value: 0}(account, 0);
    }

    function test_depositNative_error_noWrapper() public {
        wrapped = new WETH();
        vault = newVault(endpoint, address(0));
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.AssetNotListed.selector, address(wrapped)));
        vault.depositNative{value: 1 ether}(account, 1 ether);
    }

    function test_receive_error_unexpectedEther() public {
        vm.prank(depositor);
        (bool sent, bytes memory reason) = address(vault).call{value: 1}("");
        assertFalse(sent);
        assertEq(bytes4(reason), ICollateralVault.UnexpectedEther.selector);
    }

    function _permit(uint256 amount, uint256 deadline) private view returns (Permit memory permit) {
        permit.deadline = deadline;
        bytes32 kind = keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        bytes32 inner =
            keccak256(abi.encode(kind, depositor, address(vault), amount, permitted.nonces(depositor), deadline));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", permitted.DOMAIN_SEPARATOR(), inner));
        (permit.v, permit.r, permit.s) = vm.sign(KEY, digest);
    }

    function _assertDeposited(address asset, uint128 expected) private view {
        (uint128 deposited,) = vault.totals(account, asset);
        assertEq(deposited, expected, "deposited");
    }
}
