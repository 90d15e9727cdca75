// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDerivativeMarket} from "../src/interfaces/IDerivativeMarket.sol";
import {MarginProofs} from "../src/interfaces/IMarginConsumer.sol";
import {Premium, PremiumAccumulator, PremiumState} from "../src/libraries/PremiumAccumulator.sol";
import {AccountId} from "../src/types/Ids.sol";
import {AccountLeaf, InstrumentLeaf} from "../src/types/Leaves.sol";
import {Trading} from "./support/Trading.sol";

contract PremiumAccumulatorTest is Trading {
    uint64 private constant INDEX = 100_000e8;

    PremiumState private state;
    Premium private last;

    /// @dev An index of 100,000: at 100,100 the premium is a tenth of a per cent.
    function test_afterFill() public {
        vm.warp(1_000_000);
        _fill(25e6, 100_100e8);
        _assertPremium(0, 100_000, 25_025e8);
        vm.warp(1_000_100);
        // Half of the weight, at the index: the premium halves from now on.
        _fill(125e5, INDEX);
        _assertPremium(100 * 100_000, 50_000, 37_525e8);
        vm.warp(1_000_200);
        _fill(1e8, 99_000e8);
        _assertPremium(100 * 100_000 + 100 * 50_000, -500_000, 136_525e8);
    }

    /// @dev A premium that nobody renews counts for ten minutes.
    function testFuzz_afterFill_ends(uint32 waited) public {
        vm.warp(1_000_000);
        _fill(1e8, 100_100e8);
        vm.warp(1_000_000 + uint256(waited));
        _fill(1, INDEX);
        assertEq(last.premiumSeconds, 100_000 * int64(uint64(waited < 600 ? waited : 600)));
    }

    /// @dev Worked out anew from all fills so far, and within the cap whatever they were.
    function testFuzz_afterFill(uint64[6] calldata prices, uint96[6] calldata sizes, uint32[6] calldata waits) public {
        vm.warp(1_000_000);
        (int256 running, int256 integral, uint256 volume, uint64 index) = (0, 0, 0, INDEX);
        for (uint256 i; i < 6; ++i) {
            vm.warp(block.timestamp + waits[i]);
            if (i > 0) integral += running * int256(waits[i] < 600 ? uint256(waits[i]) : 600);
            uint256 value = uint256(sizes[i]) * prices[i] / 1e8;
            int256 sample = (int256(uint256(prices[i])) - int256(uint256(index))) * 1e8 / int256(uint256(index));
            sample = sample > 500_000 ? int256(500_000) : sample < -500_000 ? -500_000 : sample;
            uint256 weight = value < 25_000e8 ? value : 25_000e8;
            running += (sample - running) * int256(weight) / 25_000e8;
            volume += value;
            _fill(sizes[i], prices[i]);
            _assertPremium(integral, running, volume < type(uint88).max ? volume : type(uint88).max);
            if (volume > type(uint88).max) volume = type(uint88).max;
            assertLe(running < 0 ? -running : running, 500_000);
        }
    }

    /// @dev Dust moves the premium by dust, and an instrument without an index has none.
    function test_afterFill_dust() public {
        _fill(1e8, INDEX);
        _fill(1e3, 2 * INDEX);
        assertEq(last.premium, 40);
        (, Premium memory premium) = PremiumAccumulator.afterFill(PremiumState.wrap(0), 1e8, INDEX, 0);
        assertEq(premium.premium, 0);
    }

    function test_trade_samplesThePremium() public {
        setUpMarket(3, 2);
        (AccountId buyer, AccountId seller) = (newTrader("buyer"), newTrader("seller"));
        InstrumentLeaf[] memory instruments = new InstrumentLeaf[](1);
        instruments[0] = instrumentLeaf(BTC, INDEX, 1e8, 3);
        AccountLeaf[] memory accounts = new AccountLeaf[](2);
        accounts[0] = accountLeaf(buyer, address(market), PLENTY, 3);
        accounts[1] = accountLeaf(seller, address(market), PLENTY, 3);
        MarginProofs memory proofs = publish(instruments, accounts);
        vm.expectEmit(address(market));
        emit IDerivativeMarket.PremiumSampled(BTC, 0, 100_000, 100_100e8);
        market.trade(one(fillBetween(buyer, seller, BTC, 1e8, 100_100e8)), proofs);
        vm.warp(block.timestamp + 10);
        vm.expectEmit(address(market));
        emit IDerivativeMarket.PremiumSampled(BTC, 1_000_000, 0, 200_100e8);
        market.trade(one(fillBetween(seller, buyer, BTC, 1e8, INDEX)), proofs);
        assertEq(market.position(buyer, BTC), 0);
    }

    function _fill(uint256 size, uint64 price) private {
        (state, last) = PremiumAccumulator.afterFill(state, size, price, INDEX);
    }

    function _assertPremium(int256 premiumSeconds, int256 premium, uint256 volume) private view {
        assertEq(last.premiumSeconds, premiumSeconds, "integral");
        assertEq(last.premium, premium, "premium");
        assertEq(last.volume, volume, "volume");
    }
}
