// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {FeeSchedule, Fill, IDerivativeMarket} from "../src/interfaces/IDerivativeMarket.sol";
import {IMarginConsumer, MarginProofs} from "../src/interfaces/IMarginConsumer.sol";
import {ISignedOrders, Order} from "../src/interfaces/ISignedOrders.sol";
import {ISolvencyAttestations} from "../src/interfaces/ISolvencyAttestations.sol";
import {Attestation} from "../src/types/Attestation.sol";
import {AccountId} from "../src/types/Ids.sol";
import {AccountLeaf, InstrumentLeaf} from "../src/types/Leaves.sol";
import {ContractWallet} from "./support/ContractWallet.sol";
import {Encodings} from "./support/Encodings.sol";
import {Operators} from "./support/Operators.sol";
import {Trading} from "./support/Trading.sol";

contract DerivativeMarketTest is Trading {
    uint64 private constant PRICE = 100_000e8;

    AccountId private alice;
    AccountId private bob;

    function setUp() public {
        setUpMarket(3, 2);
        alice = newTrader("alice");
        bob = newTrader("bob");
    }

    function test_trade() public {
        MarginProofs memory proofs = _plenty();
        Order memory maker = order(alice, BTC, -2e8, PRICE);
        Order memory taker = order(bob, BTC, 3e8, PRICE + 5e8);
        vm.expectEmit(address(market));
        emit IDerivativeMarket.Filled(digest(maker), digest(taker), BTC, 1.5e8, PRICE, 0, 0);
        vm.expectEmit(address(market));
        emit IMarginConsumer.PortfolioChanged(alice, BTC, -1.5e8, 150_000e8);
        vm.expectEmit(address(market));
        emit IMarginConsumer.PortfolioChanged(bob, BTC, 1.5e8, -150_000e8);
        market.trade(one(fillOf(maker, taker, 1.5e8)), proofs);
        assertEq(market.filled(digest(maker)), 1.5e8);
        assertEq(market.filled(digest(taker)), 1.5e8);
        assertEq(market.orderDigest(maker), digest(maker));
    }

    /// @dev The maker's price counts, whichever side the maker is on.
    function testFuzz_trade_atTheMakersPriceAndSumsToZero(bool makerBuys, uint128 size, uint64 price, uint64 better)
        public
    {
        size = uint128(bound(size, 1, 1_000e8));
        price = uint64(bound(price, 0, 1_000_000e8));
        better = uint64(bound(better, 0, price));
        MarginProofs memory proofs = _plenty();
        int128 signed_ = makerBuys ? int128(size) : -int128(size);
        Order memory maker = order(alice, BTC, signed_, price);
        Order memory taker = order(bob, BTC, -signed_, makerBuys ? price - better : price + better);
        market.trade(one(fillOf(maker, taker, size)), proofs);
        int256 paid = int256(uint256(size) * price / 1e8);
        assertEq(market.cash(alice), makerBuys ? -paid : paid);
        assertEq(market.cash(alice) + market.cash(bob), 0);
        assertEq(market.position(alice, BTC), signed_);
        assertEq(market.position(alice, BTC) + market.position(bob, BTC), 0);
    }

    /// @dev What longs have paid before is in the price of a unit, not in what a new position costs or earns.
    function testFuzz_trade_netOfFunding(bool makerBuys, uint128 size, uint64 price, int64 funding) public {
        size = uint128(bound(size, 1, 1_000e8));
        price = uint64(bound(price, 0, 1_000_000e8));
        funding = int64(bound(funding, -2_000_000e8, 2_000_000e8));
        (InstrumentLeaf[] memory instruments, AccountLeaf[] memory accounts) = (_instruments(), new AccountLeaf[](2));
        instruments[0].funding = funding;
        accounts[0] = accountLeaf(alice, address(market), PLENTY, 3);
        accounts[1] = accountLeaf(bob, address(market), PLENTY, 3);
        MarginProofs memory proofs = publish(instruments, accounts);
        (AccountId buyer, AccountId seller) = makerBuys ? (alice, bob) : (bob, alice);
        Order memory maker = order(alice, BTC, makerBuys ? int128(size) : -int128(size), price);
        Order memory taker = order(bob, BTC, -maker.size, price);
        market.trade(one(fillOf(maker, taker, size)), proofs);
        int256 paid = int256(uint256(size)) * (int256(uint256(price)) - funding) / 1e8;
        assertEq(market.cash(buyer), -paid);
        assertEq(market.cash(seller), paid);
    }

    /// @dev Longs pay the index's rise, shorts receive it: exactly, but for what the fills round.
    function testFuzz_trade_fundingMovesFromLongToShort(uint128 size, int64 opened, int64 closed) public {
        size = uint128(bound(size, 1, 1_000e8));
        (opened, closed) = (int64(bound(opened, -1_000e8, 1_000e8)), int64(bound(closed, -1_000e8, 1_000e8)));
        (InstrumentLeaf[] memory instruments, AccountLeaf[] memory accounts) = (_instruments(), new AccountLeaf[](2));
        accounts[0] = accountLeaf(alice, address(market), PLENTY, 3);
        accounts[1] = accountLeaf(bob, address(market), PLENTY, 3);
        instruments[0].funding = opened;
        MarginProofs memory proofs = publish(instruments, accounts);
        market.trade(one(fillBetween(alice, bob, BTC, size, PRICE)), proofs);
        instruments[0].funding = closed;
        proofs = publish(instruments, accounts);
        market.trade(one(fillBetween(bob, alice, BTC, size, PRICE)), proofs);
        assertEq(market.cash(alice) + market.cash(bob), 0);
        int256 paidE16 = int256(uint256(size)) * (closed - opened);
        assertApproxEqAbs(-int256(market.cash(alice)) * 1e8, paidE16, 2e8);
    }

    function test_trade_partialFills() public {
        MarginProofs memory proofs = _plenty();
        Order memory maker = order(alice, BTC, 2e8, PRICE);
        market.trade(one(fillOf(maker, order(bob, BTC, -1e8, PRICE), 1e8)), proofs);
        market.trade(one(fillOf(maker, order(bob, BTC, -5e8, PRICE), 1e8)), proofs);
        Fill memory third = fillOf(maker, order(bob, BTC, -1e8, PRICE), 1);
        vm.expectRevert(abi.encodeWithSelector(ISignedOrders.OrderOverfilled.selector, digest(maker), 0, 1));
        market.trade(one(third), proofs);
    }

    /// @dev The second of two trades on one allotment: whoever comes later is refused.
    function test_trade_error_allotmentSpent() public {
        InstrumentLeaf[] memory instruments = _instruments();
        AccountLeaf[] memory accounts = new AccountLeaf[](2);
        accounts[0] = accountLeaf(alice, address(market), 15_000e8, 3);
        accounts[1] = accountLeaf(bob, address(market), PLENTY, 3);
        MarginProofs memory proofs = publish(instruments, accounts);
        // A unit bought at the mark loses 10,000 in the last scenario.
        market.trade(one(fillBetween(alice, bob, BTC, 1e8, PRICE)), proofs);
        Fill memory second = fillBetween(alice, bob, BTC, 1e8, PRICE);
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.AllotmentExceeded.selector, alice, 2, 5_000e8));
        market.trade(one(second), proofs);
    }

    function test_trade_error_expiredOrder() public {
        MarginProofs memory proofs = _plenty();
        Order memory maker = order(alice, BTC, 1e8, PRICE);
        maker.expiry = uint64(block.timestamp);
        Fill memory fill = fillOf(maker, order(bob, BTC, -1e8, PRICE), 1e8);
        vm.expectRevert(abi.encodeWithSelector(ISignedOrders.OrderExpired.selector, digest(maker), maker.expiry));
        market.trade(one(fill), proofs);
        vm.warp(block.timestamp - 1);
        market.trade(one(fill), proofs);
    }

    function test_trade_error_cancelled() public {
        MarginProofs memory proofs = _plenty();
        Order memory maker = order(alice, BTC, 1e8, PRICE);
        vm.expectEmit(address(market));
        emit ISignedOrders.OrderCancelled(digest(maker), alice);
        vm.prank(alice.ownerOf());
        market.cancel(maker);
        Fill memory fill = fillOf(maker, order(bob, BTC, -1e8, PRICE), 1e8);
        vm.expectRevert(abi.encodeWithSelector(ISignedOrders.OrderIsCancelled.selector, digest(maker)));
        market.trade(one(fill), proofs);
    }

    /// @dev Orders nobody has shown yet die too, and those signed for the next series live.
    function test_cancelAll() public {
        MarginProofs memory proofs = _plenty();
        Order memory older = order(alice, BTC, 1e8, PRICE);
        Order memory next = order(alice, BTC, 1e8, PRICE);
        next.series = 1;
        Fill memory early = fillOf(next, order(bob, BTC, -1e8, PRICE), 1e8);
        vm.expectRevert(abi.encodeWithSelector(ISignedOrders.OrderOfAnotherSeries.selector, digest(next), 1, 0));
        market.trade(one(early), proofs);
        vm.expectEmit(address(market));
        emit ISignedOrders.SeriesBegun(alice, 1);
        vm.prank(alice.ownerOf());
        market.cancelAll(alice);
        assertEq(market.seriesOf(alice), 1);
        Fill memory late = fillOf(older, order(bob, BTC, -1e8, PRICE), 1e8);
        vm.expectRevert(abi.encodeWithSelector(ISignedOrders.OrderOfAnotherSeries.selector, digest(older), 0, 1));
        market.trade(one(late), proofs);
        market.trade(one(early), proofs);
        assertEq(market.position(alice, BTC), 1e8);
    }

    function test_cancelAll_error_stranger() public {
        vm.expectRevert(abi.encodeWithSelector(ISignedOrders.NotAllowedToTrade.selector, alice, address(this)));
        market.cancelAll(alice);
    }

    /// @dev A delegate signs orders and cancels until its time is up; it names no other, and the account stays its
    /// owner's.
    function test_delegate() public {
        MarginProofs memory proofs = _plenty();
        (address delegate, uint256 key) = makeAddrAndKey("delegate");
        Order memory maker = order(alice, BTC, 1e8, PRICE);
        Fill memory fill = fillOf(maker, order(bob, BTC, -1e8, PRICE), 1e8);
        fill.makerSignature = Operators.sign(key, digest(maker));
        bytes memory refusal =
            abi.encodeWithSelector(ISignedOrders.InvalidOrderSignature.selector, digest(maker), alice.ownerOf());
        vm.expectRevert(refusal);
        market.trade(one(fill), proofs);

        uint64 until = uint64(block.timestamp) + 100;
        vm.expectEmit(address(market));
        emit ISignedOrders.DelegateSet(alice, delegate, until);
        vm.prank(alice.ownerOf());
        market.setDelegate(alice, delegate, until);
        assertEq(market.delegateUntil(alice, delegate), until);
        vm.warp(until);
        vm.expectRevert(refusal);
        market.trade(one(fill), proofs);
        vm.warp(until - 1);
        market.trade(one(fill), proofs);
        assertEq(market.position(alice, BTC), 1e8);

        vm.prank(delegate);
        vm.expectRevert(abi.encodeWithSelector(ISignedOrders.NotAccountOwner.selector, alice, delegate));
        market.setDelegate(alice, delegate, until + 1);
        vm.prank(delegate);
        market.cancelAll(alice);
        vm.prank(alice.ownerOf());
        market.setDelegate(alice, delegate, 0);
        vm.prank(delegate);
        vm.expectRevert(abi.encodeWithSelector(ISignedOrders.NotAllowedToTrade.selector, alice, delegate));
        market.cancelAll(alice);
    }

    /// @dev A signature that recovers to nobody is no delegate's, whoever was named.
    function test_delegate_error_zero() public {
        MarginProofs memory proofs = _plenty();
        vm.prank(alice.ownerOf());
        market.setDelegate(alice, address(0), type(uint64).max);
        Order memory maker = order(alice, BTC, 1e8, PRICE);
        Fill memory fill = fillOf(maker, order(bob, BTC, -1e8, PRICE), 1e8);
        fill.makerSignature = new bytes(65);
        vm.expectPartialRevert(ISignedOrders.InvalidOrderSignature.selector);
        market.trade(one(fill), proofs);
    }

    /// @dev One taker sweeps two makers with one set of proofs. What it ends with is checked, not what is in between.
    function test_trade_batch() public {
        AccountId carol = newTrader("carol");
        AccountLeaf[] memory accounts = new AccountLeaf[](3);
        accounts[0] = accountLeaf(alice, address(market), 10_000e8, 3);
        accounts[1] = accountLeaf(bob, address(market), PLENTY, 3);
        accounts[2] = accountLeaf(carol, address(market), PLENTY, 3);
        MarginProofs memory proofs = publish(_instruments(), accounts);
        Fill[] memory fills = new Fill[](2);
        // Alone the first fill would lose 20,000 in the last scenario.
        fills[0] = fillBetween(alice, bob, BTC, 2e8, PRICE);
        fills[1] = fillBetween(carol, alice, BTC, 1e8, PRICE + 1e8);
        Fill[] memory first = one(fills[0]);
        vm.expectPartialRevert(IMarginConsumer.AllotmentExceeded.selector);
        market.trade(first, proofs);
        market.trade(fills, proofs);
        assertEq(market.position(alice, BTC), 1e8);
        assertEq(market.position(bob, BTC), -2e8);
        assertEq(market.position(carol, BTC), 1e8);
        assertEq(market.cash(alice), -99_999e8);
        assertEq(market.cash(alice) + market.cash(bob) + market.cash(carol), 0);
    }

    /// @dev Two instruments in one batch; a position that the batch both opens and closes leaves nothing behind.
    function test_trade_batchOfInstruments() public {
        MarginProofs memory proofs = _plenty();
        Fill[] memory fills = new Fill[](3);
        fills[0] = fillBetween(alice, bob, BTC, 1e8, PRICE);
        fills[1] = fillBetween(alice, bob, ETH, 1e8, PRICE);
        fills[2] = fillBetween(bob, alice, BTC, 1e8, PRICE + 2e8);
        market.trade(fills, proofs);
        assertEq(market.position(alice, BTC), 0);
        assertEq(market.position(alice, ETH), 1e8);
        assertEq(market.instruments(alice).length, 1);
        assertEq(market.cash(alice), 2e8 - int256(uint256(PRICE)));
    }

    function test_trade_error_noFills() public {
        MarginProofs memory proofs = _plenty();
        vm.expectRevert(IDerivativeMarket.NoFills.selector);
        market.trade(new Fill[](0), proofs);
    }

    function testFuzz_fees(int32 makerE6, uint32 takerE6, uint128 size, uint64 price, bool makerBuys) public {
        takerE6 = uint32(bound(takerE6, 0, market.MAX_FEE_E6()));
        makerE6 = int32(bound(makerE6, -int256(uint256(takerE6)), int256(uint256(market.MAX_FEE_E6()))));
        size = uint128(bound(size, 1, 1_000e8));
        price = uint64(bound(price, 0, 1_000_000e8));
        FeeSchedule memory schedule = FeeSchedule(makeAddr("treasury"), makerE6, takerE6);
        vm.expectEmit(address(market));
        emit IDerivativeMarket.FeesSet(schedule.recipient, makerE6, takerE6);
        market.setFees(schedule);
        assertEq(abi.encode(market.fees()), abi.encode(schedule));
        MarginProofs memory proofs = _plenty();
        int128 signed_ = makerBuys ? int128(size) : -int128(size);
        market.trade(one(fillOf(order(alice, BTC, signed_, price), order(bob, BTC, -signed_, price), size)), proofs);

        AccountId treasury = Encodings.accountId(schedule.recipient, 0);
        int256 collected = market.cash(treasury);
        assertGe(collected, 0);
        assertEq(market.cash(alice) + market.cash(bob) + collected, 0);
        int256 paid = int256(uint256(size) * price / 1e8);
        int256 makerFee = (makerBuys ? -paid : paid) - market.cash(alice);
        int256 takerFee = (makerBuys ? paid : -paid) - market.cash(bob);
        // Against whoever pays or is paid, by less than one last digit.
        int256 value = int256(uint256(size) * price);
        _assertRoundedUp(makerFee, value * makerE6);
        _assertRoundedUp(takerFee, value * int256(uint256(takerE6)));
    }

    function _assertRoundedUp(int256 fee, int256 exactE14) private pure {
        assertGe(fee * 1e14, exactE14);
        assertLt(fee * 1e14, exactE14 + 1e14);
    }

    function test_setFees_error_outOfBounds() public {
        address treasury = makeAddr("treasury");
        _refuseFees(FeeSchedule(treasury, 1_001, 0));
        _refuseFees(FeeSchedule(treasury, 0, 1_001));
        _refuseFees(FeeSchedule(treasury, -101, 100));
        market.setFees(FeeSchedule(treasury, -100, 100));
    }

    function _refuseFees(FeeSchedule memory schedule) private {
        vm.expectRevert(
            abi.encodeWithSelector(IDerivativeMarket.FeesOutOfBounds.selector, schedule.makerE6, schedule.takerE6)
        );
        market.setFees(schedule);
    }

    function test_setFees_error_notTheOwner() public {
        vm.prank(alice.ownerOf());
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, alice.ownerOf()));
        market.setFees(FeeSchedule(alice.ownerOf(), 0, 0));
    }

    function test_cancel_error_notTheOwner() public {
        Order memory maker = order(alice, BTC, 1e8, PRICE);
        vm.expectRevert(abi.encodeWithSelector(ISignedOrders.NotAllowedToTrade.selector, alice, address(this)));
        market.cancel(maker);
    }

    /// @dev An order means what its owner signed, in every field.
    function testFuzz_trade_error_alteredOrder(uint256 field) public {
        MarginProofs memory proofs = _plenty();
        Order memory maker = order(alice, BTC, 1e8, PRICE);
        bytes memory signature = sign(maker);
        field = bound(field, 0, 3);
        if (field == 0) ++maker.size;
        if (field == 1) ++maker.limitPrice;
        if (field == 2) ++maker.expiry;
        if (field == 3) ++maker.salt;
        Fill memory fill = fillOf(maker, order(bob, BTC, -1e8, PRICE), 1e8);
        fill.makerSignature = signature;
        vm.expectRevert(
            abi.encodeWithSelector(ISignedOrders.InvalidOrderSignature.selector, digest(maker), alice.ownerOf())
        );
        market.trade(one(fill), proofs);
    }

    function test_trade_error_signedForAnotherMarket() public {
        MarginProofs memory proofs = _plenty();
        Order memory maker = order(alice, BTC, 1e8, PRICE);
        bytes memory signature = sign(maker);
        vm.chainId(block.chainid + 1);
        Fill memory fill = fillOf(maker, order(bob, BTC, -1e8, PRICE), 1e8);
        fill.makerSignature = signature;
        vm.expectPartialRevert(ISignedOrders.InvalidOrderSignature.selector);
        market.trade(one(fill), proofs);
    }

    /// @dev No key signs for the zero address, whatever the precompile answers to nonsense.
    function test_trade_error_ownerIsZero() public {
        AccountId nobody = Encodings.accountId(address(0), 1);
        MarginProofs memory proofs = _plenty();
        Order memory maker = order(nobody, BTC, 1e8, PRICE);
        Order memory taker = order(bob, BTC, -1e8, PRICE);
        Fill memory fill = Fill(maker, new bytes(65), taker, sign(taker), 1e8);
        vm.expectPartialRevert(ISignedOrders.InvalidOrderSignature.selector);
        market.trade(one(fill), proofs);
    }

    /// @dev A wallet that is a contract answers for its signature (ERC-1271).
    function test_trade_contractWallet() public {
        (address signer, uint256 key) = makeAddrAndKey("signer of a wallet");
        AccountId carol = Encodings.accountId(address(new ContractWallet(signer)), 0);
        InstrumentLeaf[] memory instruments = _instruments();
        AccountLeaf[] memory accounts = new AccountLeaf[](2);
        accounts[0] = accountLeaf(carol, address(market), PLENTY, 3);
        accounts[1] = accountLeaf(bob, address(market), PLENTY, 3);
        MarginProofs memory proofs = publish(instruments, accounts);
        Order memory maker = order(carol, BTC, 1e8, PRICE);
        Order memory taker = order(bob, BTC, -1e8, PRICE);
        Fill memory fill = Fill(maker, Operators.sign(key + 1, digest(maker)), taker, sign(taker), 1e8);
        vm.expectPartialRevert(ISignedOrders.InvalidOrderSignature.selector);
        market.trade(one(fill), proofs);
        fill.makerSignature = Operators.sign(key, digest(maker));
        market.trade(one(fill), proofs);
        assertEq(market.position(carol, BTC), 1e8);
    }

    function test_trade_error_doNotCross() public {
        MarginProofs memory proofs = _plenty();
        Fill memory fill = fillOf(order(alice, BTC, 1e8, PRICE - 1), order(bob, BTC, -1e8, PRICE), 1e8);
        vm.expectRevert(abi.encodeWithSelector(IDerivativeMarket.OrdersDoNotCross.selector, PRICE - 1, PRICE));
        market.trade(one(fill), proofs);
    }

    function test_trade_error_sameSide() public {
        MarginProofs memory proofs = _plenty();
        Fill memory fill = fillOf(order(alice, BTC, 1e8, PRICE), order(bob, BTC, 1e8, PRICE), 1e8);
        vm.expectRevert(IDerivativeMarket.SameSide.selector);
        market.trade(one(fill), proofs);
    }

    function test_trade_error_differentInstruments() public {
        MarginProofs memory proofs = _plenty();
        Fill memory fill = fillOf(order(alice, BTC, 1e8, PRICE), order(bob, ETH, -1e8, PRICE), 1e8);
        vm.expectRevert(abi.encodeWithSelector(IDerivativeMarket.DifferentInstruments.selector, BTC, ETH));
        market.trade(one(fill), proofs);
    }

    function test_trade_error_selfTrade() public {
        MarginProofs memory proofs = _plenty();
        Fill memory fill = fillOf(order(alice, BTC, 1e8, PRICE), order(alice, BTC, -1e8, PRICE), 1e8);
        vm.expectRevert(abi.encodeWithSelector(IDerivativeMarket.SelfTrade.selector, alice));
        market.trade(one(fill), proofs);
    }

    function test_trade_error_zeroSize() public {
        MarginProofs memory proofs = _plenty();
        Fill memory fill = fillOf(order(alice, BTC, 1e8, PRICE), order(bob, BTC, -1e8, PRICE), 0);
        vm.expectRevert(IDerivativeMarket.ZeroSize.selector);
        market.trade(one(fill), proofs);
    }

    function test_postAndTrade_postsFirst() public {
        (Attestation memory fresh, MarginProofs memory proofs) = _prepared();
        market.postAndTrade(fresh, one(fillBetween(alice, bob, BTC, 1e8, PRICE)), proofs);
        (uint64 epoch,,) = attestations.newest();
        assertEq(epoch, 1);
        // It is here already, and posting it again would revert.
        market.postAndTrade(fresh, one(fillBetween(alice, bob, BTC, 1e8, PRICE)), proofs);
        assertEq(market.position(alice, BTC), 2e8);
    }

    function test_postAndTrade_error_olderProofs() public {
        (Attestation memory older, MarginProofs memory proofs) = _prepared();
        attestations.post(attest(keccak256("newer leaves")));
        Fill memory fill = fillBetween(alice, bob, BTC, 1e8, PRICE);
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.InvalidMarginProof.selector, 2));
        market.postAndTrade(older, one(fill), proofs);
    }

    function test_postAndTrade_error_unsigned() public {
        (Attestation memory fresh, MarginProofs memory proofs) = _prepared();
        fresh.signatures = "";
        Fill memory fill = fillBetween(alice, bob, BTC, 1e8, PRICE);
        vm.expectRevert(abi.encodeWithSelector(ISolvencyAttestations.TooFewSignatures.selector, 0, 2));
        market.postAndTrade(fresh, one(fill), proofs);
    }

    /// @dev Orders are counted by digest: the other form of a signature does not fill an order a second time.
    function test_trade_error_mirroredSignatureFillsNothingTwice() public {
        MarginProofs memory proofs = _plenty();
        Order memory maker = order(alice, BTC, 1e8, PRICE);
        Fill memory fill = fillOf(maker, order(bob, BTC, -2e8, PRICE), 1e8);
        market.trade(one(fill), proofs);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[alice], digest(maker));
        uint256 curveOrder = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        fill.makerSignature = abi.encodePacked(r, bytes32(curveOrder - uint256(s)), v == 27 ? uint8(28) : uint8(27));
        vm.expectRevert(abi.encodeWithSelector(ISignedOrders.OrderOverfilled.selector, digest(maker), 0, 1e8));
        market.trade(one(fill), proofs);
    }

    /// @dev However an order is cut up, cash sums to zero and each fill rounds by less than one last digit, for the
    /// buyer: no more than the number of fills in all.
    function testFuzz_trade_roundingDoesNotDrift(uint64 price, uint128[8] calldata sizes) public {
        price = uint64(bound(price, 0, 1_000_000e8));
        MarginProofs memory proofs = _plenty();
        Order memory maker = order(alice, BTC, -1e17, price);
        Order memory taker = order(bob, BTC, 1e17, price);
        uint256 filled;
        for (uint256 i; i < sizes.length; ++i) {
            uint128 size = uint128(bound(sizes[i], 1, i % 2 == 0 ? 10 : 10e8));
            market.trade(one(fillOf(maker, taker, size)), proofs);
            filled += size;
        }
        assertEq(market.cash(alice) + market.cash(bob), 0);
        uint256 paidE16 = uint256(int256(market.cash(alice))) * 1e8;
        assertLe(paidE16, filled * price);
        assertLt(filled * price - paidE16, sizes.length * 1e8);
    }

    /// @dev Somebody posts first what a trade carries: it passes as if it had posted itself.
    function test_postAndTrade_frontRun() public {
        (Attestation memory fresh, MarginProofs memory proofs) = _prepared();
        Fill memory fill = fillBetween(alice, bob, BTC, 1e8, PRICE);
        vm.prank(makeAddr("front-runner"));
        attestations.post(fresh);
        market.postAndTrade(fresh, one(fill), proofs);
        assertEq(market.position(alice, BTC), 1e8);
    }

    /// @dev Once the epoch has expired nothing that moves risk passes: two accounts that close at the mark each give
    /// something up in some scenario, so both wait for the next epoch.
    function test_trade_error_closingAtTheMarkOnceExpired() public {
        MarginProofs memory proofs = _plenty();
        market.trade(one(fillBetween(alice, bob, BTC, 1e8, PRICE)), proofs);
        vm.warp(block.timestamp + LIFETIME_SECONDS);
        Fill memory closing = fillBetween(bob, alice, BTC, 1e8, PRICE);
        vm.expectPartialRevert(IMarginConsumer.OnlyReductionsAllowed.selector);
        market.trade(one(closing), proofs);
    }

    function _instruments() private pure returns (InstrumentLeaf[] memory instruments) {
        instruments = new InstrumentLeaf[](2);
        instruments[0] = instrumentLeaf(BTC, PRICE, -5_000e8, 3);
        instruments[1] = instrumentLeaf(ETH, PRICE, -5_000e8, 3);
    }

    function _prepared() private returns (Attestation memory, MarginProofs memory) {
        AccountLeaf[] memory accounts = new AccountLeaf[](2);
        accounts[0] = accountLeaf(alice, address(market), PLENTY, 3);
        accounts[1] = accountLeaf(bob, address(market), PLENTY, 3);
        return prepare(_instruments(), accounts);
    }

    function _plenty() private returns (MarginProofs memory proofs) {
        Attestation memory fresh;
        (fresh, proofs) = _prepared();
        attestations.post(fresh);
    }
}
