// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IMarginConsumer, MarginProofs} from "../src/interfaces/IMarginConsumer.sol";
import {IMarketSettlement} from "../src/interfaces/IMarketSettlement.sol";
import {AccountId, InstrumentId} from "../src/types/Ids.sol";
import {AccountLeaf, InstrumentLeaf, InstrumentStatus} from "../src/types/Leaves.sol";
import {Encodings} from "./support/Encodings.sol";
import {Merkle} from "./support/Merkle.sol";
import {Trading} from "./support/Trading.sol";

/// @dev Each account's cash over all instruments, and every position, sum to zero throughout.
contract MarketSettlementTest is Trading {
    uint256 private constant TRADERS = 5;

    AccountId[] private traders;
    bytes private encodedProofs;

    function setUp() public {
        setUpMarket(3, 2);
        AccountLeaf[] memory accounts = new AccountLeaf[](TRADERS);
        for (uint256 i; i < TRADERS; ++i) {
            traders.push(newTrader(string.concat("trader ", vm.toString(i))));
            accounts[i] = accountLeaf(traders[i], address(market), PLENTY, 3);
        }
        InstrumentLeaf[] memory instruments = new InstrumentLeaf[](2);
        instruments[0] = instrumentLeaf(BTC, 100e8, 1e8, 3);
        instruments[1] = instrumentLeaf(ETH, 10e8, 1e8, 3);
        encodedProofs = abi.encode(publish(instruments, accounts));
    }

    function test_settle() public {
        _trade(0, 1, BTC, 3e8, 100e8);
        _trade(0, 1, ETH, 2e8, 10e8);
        (InstrumentLeaf memory leaf, bytes32[] memory proof) = _settled(120e8, 5e8);
        vm.expectEmit(address(market));
        emit IMarketSettlement.InstrumentSettled(BTC, 115e8);
        vm.expectEmit(address(market));
        emit IMarginConsumer.PortfolioChanged(traders[0], BTC, 0, -320e8 + 345e8);
        market.settle(_all(), leaf, proof);
        assertEq(market.cash(traders[0]), 25e8);
        assertEq(market.cash(traders[1]), -25e8);
        assertEq(market.position(traders[0], BTC), 0);
        assertEq(market.position(traders[0], ETH), 2e8, "what is not settled stays");
        assertEq(market.instruments(traders[0]).length, 1);
        (bool known, int64 price) = market.settlementOf(BTC);
        assertTrue(known);
        assertEq(price, 115e8);
    }

    /// @dev In any order and any parts; those named twice, or without a position, change nothing. After each part: cash,
    /// what rounding has left, and open positions at the price, sum to zero, and nobody is off by a digit.
    function testFuzz_settle_sumsToZero(uint64[4] calldata sizes, uint64 price, int64 funding, uint256 order) public {
        price = uint64(bound(price, 0, uint64(type(int64).max)));
        funding = int64(bound(funding, type(int64).min / 2, 0));
        if (int256(uint256(price)) - funding > type(int64).max) funding = 0;
        for (uint256 i; i < 4; ++i) {
            _trade(i, i + 1, BTC, uint128(bound(sizes[i], 1, 1e14)), 100e8);
        }
        int256 net = int256(uint256(price)) - funding;
        (InstrumentLeaf memory leaf, bytes32[] memory proof) = _settled(price, funding);
        for (uint256 i; i < 2 * TRADERS; ++i) {
            uint256 who = uint256(keccak256(abi.encode(order, i))) % TRADERS;
            _settleOne(who, leaf, proof, net);
        }
        for (uint256 i; i < TRADERS; ++i) {
            _settleOne(i, leaf, proof, net);
        }
        assertEq(_cash(), 0, "cash");
        market.settle(_all(), leaf, proof);
        assertEq(_cash(), 0, "settled twice");
    }

    /// @dev A price that is final is not changed by a later epoch.
    function test_settle_theFirstPriceIsForAll() public {
        _trade(0, 1, BTC, 1e8, 100e8);
        (InstrumentLeaf memory leaf, bytes32[] memory proof) = _settled(120e8, 0);
        AccountId[] memory first = new AccountId[](1);
        first[0] = traders[0];
        market.settle(first, leaf, proof);
        (leaf, proof) = _settled(130e8, 0);
        market.settle(_all(), leaf, proof);
        assertEq(market.cash(traders[1]), -20e8);
    }

    function test_settle_onceExpired() public {
        _trade(0, 1, BTC, 1e8, 100e8);
        (InstrumentLeaf memory leaf, bytes32[] memory proof) = _settled(120e8, 0);
        vm.warp(block.timestamp + LIFETIME_SECONDS);
        market.settle(_all(), leaf, proof);
        assertEq(market.cash(traders[0]), 20e8);
    }

    /// @dev Where a position in the middle goes, those after it keep their order and their sizes.
    function testFuzz_settle_theOthersStay(uint256 which) public {
        InstrumentLeaf[] memory instruments = new InstrumentLeaf[](16);
        for (uint256 i; i < 16; ++i) {
            instruments[i] = instrumentLeaf(_id(i), 100e8, 1e8, 3);
        }
        AccountLeaf[] memory accounts = new AccountLeaf[](2);
        accounts[0] = accountLeaf(traders[0], address(market), PLENTY, 3);
        accounts[1] = accountLeaf(traders[1], address(market), PLENTY, 3);
        encodedProofs = abi.encode(publish(instruments, accounts));
        for (uint256 i; i < 16; ++i) {
            _trade(0, 1, _id(i), uint128(i + 1), 100e8);
        }
        which = bound(which, 0, 15);
        InstrumentLeaf memory leaf = instrumentLeaf(_id(which), 100e8, 0, 3);
        (leaf.status, leaf.settlement) = (InstrumentStatus.Settled, 1e8);
        attestations.post(attest(Encodings.hash(leaf)));
        market.settle(_all(), leaf, new bytes32[](0));
        InstrumentId[] memory held = market.instruments(traders[0]);
        assertEq(held.length, 15);
        for (uint256 i; i < 15; ++i) {
            uint256 was = i < which ? i : i + 1;
            assertEq(InstrumentId.unwrap(held[i]), InstrumentId.unwrap(_id(was)));
            assertEq(market.position(traders[0], held[i]), int128(int256(was + 1)));
            assertEq(market.position(traders[1], held[i]), -int128(int256(was + 1)));
        }
    }

    function test_settle_error_notSettled() public {
        InstrumentLeaf memory leaf = instrumentLeaf(BTC, 100e8, 1e8, 3);
        leaf.status = InstrumentStatus.ReduceOnly;
        attestations.post(attest(Encodings.hash(leaf)));
        vm.expectRevert(abi.encodeWithSelector(IMarketSettlement.NotSettled.selector, BTC));
        market.settle(_all(), leaf, new bytes32[](0));
    }

    function test_settle_error_unproven() public {
        (InstrumentLeaf memory leaf, bytes32[] memory proof) = _settled(120e8, 0);
        ++leaf.settlement;
        vm.expectRevert(abi.encodeWithSelector(IMarketSettlement.InvalidSettlementProof.selector, lastEpoch));
        market.settle(_all(), leaf, proof);
    }

    function _settleOne(uint256 who, InstrumentLeaf memory leaf, bytes32[] memory proof, int256 net) private {
        AccountId[] memory some = new AccountId[](1);
        some[0] = traders[who];
        (int256 size, int256 before) = (market.position(some[0], BTC), market.cash(some[0]));
        market.settle(some, leaf, proof);
        int256 off = (market.cash(some[0]) - before) * 1e8 - size * net;
        assertGt(off, -1e8, "less than its value rounded down");
        assertLt(off, 1e8, "a digit too much");
        int256 left = _cash() * 1e8 + _size() * net;
        assertLe(left, 0, "more cash than there is");
        assertGt(left, -1e8, "what rounding leaves");
    }

    function _trade(uint256 buyer, uint256 seller, InstrumentId id, uint128 size, uint64 price) private {
        market.trade(
            one(fillBetween(traders[buyer], traders[seller], id, size, price)),
            abi.decode(encodedProofs, (MarginProofs))
        );
    }

    function _settled(uint64 settlement, int64 funding)
        private
        returns (InstrumentLeaf memory leaf, bytes32[] memory proof)
    {
        leaf = instrumentLeaf(BTC, 100e8, 0, 3);
        (leaf.status, leaf.settlement, leaf.funding) = (InstrumentStatus.Settled, settlement, funding);
        bytes32[] memory nodes = new bytes32[](2);
        (nodes[0], nodes[1]) = (Encodings.hash(leaf), keccak256("another leaf"));
        attestations.post(attest(Merkle.root(nodes)));
        proof = Merkle.proof(nodes, 0);
    }

    function _all() private view returns (AccountId[] memory) {
        return traders;
    }

    function _cash() private view returns (int256 sum) {
        for (uint256 i; i < TRADERS; ++i) {
            sum += market.cash(traders[i]);
        }
    }

    function _size() private view returns (int256 sum) {
        for (uint256 i; i < TRADERS; ++i) {
            sum += market.position(traders[i], BTC);
        }
    }

    function _id(uint256 i) private pure returns (InstrumentId) {
        return InstrumentId.wrap(bytes32(abi.encodePacked("OPTION-", bytes1(uint8(65 + i)))));
    }
}
