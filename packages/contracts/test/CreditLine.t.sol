// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {TestToken} from "../src/devnet/TestToken.sol";
import {CreditLine} from "../src/examples/CreditLine.sol";
import {IMarginConsumer, MarginProofs} from "../src/interfaces/IMarginConsumer.sol";
import {AccountId, InstrumentId} from "../src/types/Ids.sol";
import {AccountLeaf, AccountStatus, InstrumentLeaf} from "../src/types/Leaves.sol";
import {Encodings} from "./support/Encodings.sol";
import {MarginChain} from "./support/MarginChain.sol";
import {ReentrantToken} from "./support/ReentrantToken.sol";

/// @title A scalar consumer: a credit line is the smallest entry of the allotment
contract CreditLineTest is MarginChain {
    uint256 private constant THOUSAND = 1_000e6;
    /// @dev A thousand dollars and the fee of one, with two per cent on top: 1,021.02 USD.
    int128 private constant LOSS_OF_THOUSAND = 1_021_02e6;

    TestToken private token;
    CreditLine private line;
    address private borrower = makeAddr("borrower");
    address private lender = makeAddr("lender");
    AccountId private account = Encodings.accountId(borrower, 0);

    function setUp() public {
        setUpChain(3, 2);
        token = new TestToken("USD Coin", "USDC", 6);
        line = new CreditLine(address(attestations), IERC20Metadata(address(token)), lender);
        token.mint(address(line), 10 * THOUSAND);
    }

    function test_borrow_upToTheSmallestEntry() public {
        MarginProofs memory proofs = _epoch(5_000e8, LOSS_OF_THOUSAND, 3_000e8);
        assertEq(line.creditLeft(account, proofs), uint128(LOSS_OF_THOUSAND));
        vm.expectEmit(address(line));
        emit IMarginConsumer.PortfolioChanged(account, InstrumentId.wrap(0), 0, -LOSS_OF_THOUSAND);
        vm.expectEmit(address(line));
        emit CreditLine.Borrowed(account, THOUSAND, 1_001e6);
        vm.prank(borrower);
        line.borrow(account, THOUSAND, proofs);
        assertEq(token.balanceOf(borrower), THOUSAND);
        assertEq(line.worstLoss(account), LOSS_OF_THOUSAND);
        assertEq(line.cash(account), -LOSS_OF_THOUSAND);
        assertEq(line.instruments(account).length, 0);
        assertEq(line.creditLeft(account, proofs), 0);
    }

    function test_borrow_error_beyondTheSmallestEntry() public {
        MarginProofs memory proofs = _epoch(5_000e8, 3_000e8, LOSS_OF_THOUSAND - 1);
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.AllotmentExceeded.selector, account, 2, 1));
        vm.prank(borrower);
        line.borrow(account, THOUSAND, proofs);
        assertEq(token.balanceOf(borrower), 0);
        assertEq(line.debt(account), 0);
    }

    /// @dev Whatever is drawn and paid back in whatever parts: what is booked is the worst loss of the debt, nothing beyond
    /// the credit line is ever lent, and what the credit left allows is lent.
    function testFuzz_worstLossIsThatOfTheDebt(uint64[6] calldata amounts, uint64 allotment) public {
        allotment = uint64(bound(allotment, 0, 12_000e8));
        MarginProofs memory proofs = _epoch(int64(allotment), int64(allotment), int64(allotment));
        token.mint(borrower, type(uint96).max);
        vm.startPrank(borrower);
        token.approve(address(line), type(uint256).max);
        for (uint256 i; i < amounts.length; ++i) {
            uint256 debt = line.debt(account);
            if (i % 3 == 2) {
                line.repay(account, bound(amounts[i], 0, 2 * debt));
            } else {
                uint256 amount = bound(amounts[i], 0, token.balanceOf(address(line)));
                uint256 owed = debt + amount + (amount + 999) / 1000;
                bool fits = line.lossOf(owed) <= allotment;
                assertEq(line.lossOf(owed) - line.lossOf(debt) <= line.creditLeft(account, proofs), fits);
                if (!fits) vm.expectPartialRevert(IMarginConsumer.AllotmentExceeded.selector);
                line.borrow(account, amount, proofs);
                assertEq(line.debt(account), fits ? owed : debt);
            }
            assertEq(uint128(line.worstLoss(account)), line.lossOf(line.debt(account)));
        }
    }

    /// @dev A loss can be lowered at any time: without proofs, without a leaf, once the epoch has expired.
    function test_repay_byAnybodyAtAnyTime() public {
        _borrowThousand();
        vm.warp(block.timestamp + LIFETIME_SECONDS);
        address friend = makeAddr("friend");
        token.mint(friend, 5 * THOUSAND);
        vm.startPrank(friend);
        token.approve(address(line), type(uint256).max);
        line.repay(account, 500e6);
        assertEq(line.debt(account), 501e6);
        assertEq(line.worstLoss(account), 511_02e6);
        // More than is owed is not taken.
        line.repay(account, 5 * THOUSAND);
        assertEq(line.debt(account), 0);
        assertEq(line.worstLoss(account), 0);
        assertEq(token.balanceOf(friend), 5 * THOUSAND - 1_001e6);
    }

    function test_borrow_error_onceExpired() public {
        MarginProofs memory proofs = _epoch(5_000e8, 5_000e8, 5_000e8);
        vm.warp(block.timestamp + LIFETIME_SECONDS);
        assertEq(line.creditLeft(account, proofs), 0);
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.OnlyReductionsAllowed.selector, account, 0));
        vm.prank(borrower);
        line.borrow(account, THOUSAND, proofs);
    }

    /// @dev Less credit than is used already: nothing more is lent.
    function test_borrow_error_creditWithdrawn() public {
        _borrowThousand();
        MarginProofs memory proofs = _epoch(5_000e8, 5_000e8, -1e8);
        assertEq(line.creditLeft(account, proofs), 0);
        vm.expectPartialRevert(IMarginConsumer.AllotmentExceeded.selector);
        vm.prank(borrower);
        line.borrow(account, 1e6, proofs);
    }

    function test_borrow_error_anotherConsumersLeaf() public {
        MarginProofs memory proofs = _epoch(5_000e8, 5_000e8, 5_000e8);
        CreditLine other = new CreditLine(address(attestations), IERC20Metadata(address(token)), lender);
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.WrongConsumer.selector, address(line)));
        vm.prank(borrower);
        other.borrow(account, THOUSAND, proofs);
    }

    function test_borrow_error_notTheOwner() public {
        MarginProofs memory proofs = _epoch(5_000e8, 5_000e8, 5_000e8);
        vm.expectRevert(abi.encodeWithSelector(CreditLine.NotAccountOwner.selector, account, address(this)));
        line.borrow(account, THOUSAND, proofs);
    }

    /// @dev The lent token is malicious, and the borrower: what it draws from within its own transfer is a debt as well.
    function test_borrow_reenteredStaysWithinTheLine() public {
        ReentrantToken evil = new ReentrantToken();
        vm.mockCall(address(evil), abi.encodeCall(IERC20Metadata.decimals, ()), abi.encode(uint8(6)));
        line = new CreditLine(address(attestations), IERC20Metadata(address(evil)), lender);
        account = Encodings.accountId(address(evil), 0);
        MarginProofs memory proofs = _epoch(LOSS_OF_THOUSAND, LOSS_OF_THOUSAND, LOSS_OF_THOUSAND);
        bytes memory again = abi.encodeCall(line.borrow, (account, THOUSAND, proofs));
        evil.attack(ReentrantToken.Hook.Transfer, address(line), again, 0);
        evil.act(address(line), again, 0);
        assertTrue(evil.attempted());
        assertEq(evil.refusal(), IMarginConsumer.AllotmentExceeded.selector);
        assertEq(line.debt(account), 1_001e6);
    }

    function test_take_onlyByTheLender() public {
        vm.expectRevert(abi.encodeWithSelector(CreditLine.NotLender.selector, address(this)));
        line.take(THOUSAND);
        vm.prank(lender);
        line.take(THOUSAND);
        assertEq(token.balanceOf(lender), THOUSAND);
    }

    function _borrowThousand() private {
        MarginProofs memory proofs = _epoch(5_000e8, 5_000e8, 5_000e8);
        vm.prank(borrower);
        line.borrow(account, THOUSAND, proofs);
    }

    function _epoch(int128 first, int128 second, int128 third) private returns (MarginProofs memory) {
        int64[] memory allotment = new int64[](3);
        (allotment[0], allotment[1], allotment[2]) = (int64(first), int64(second), int64(third));
        AccountLeaf[] memory accounts = new AccountLeaf[](1);
        accounts[0] = AccountLeaf(account, address(line), AccountStatus.Active, 0, Encodings.pack(allotment));
        return publish(new InstrumentLeaf[](0), accounts);
    }
}
