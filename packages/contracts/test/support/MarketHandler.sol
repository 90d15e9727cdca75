// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MarginProofs} from "../../src/interfaces/IMarginConsumer.sol";
import {AccountId, InstrumentId} from "../../src/types/Ids.sol";
import {AccountLeaf, InstrumentLeaf, InstrumentStatus} from "../../src/types/Leaves.sol";
import {Encodings} from "./Encodings.sol";
import {MarginReference} from "./MarginReference.sol";
import {Merkle} from "./Merkle.sol";
import {TradingHandler} from "./TradingHandler.sol";

/// @title Random trades and settlements
/// @dev Three instruments: a perpetual, a future, and the future before it, which has settled.
contract MarketHandler is TradingHandler {
    uint256 private constant SETTLED = 1;

    uint256 public settled;

    /// @dev How many futures have settled.
    uint64 private round = 1;
    uint64 private settlementPrice = 1_000e8;
    int64 private settlementFunding;

    constructor() TradingHandler(3) {
        publishEpoch(1);
    }

    /// @notice Settles one account, or all of them.
    function settle(uint256 who) external {
        who %= ACCOUNTS + 1;
        _settle(who == ACCOUNTS ? _everyone() : _only(who));
    }

    /// @notice The future settles; another one is listed. Whoever is left of the one before is settled first.
    function expireFuture(uint256 seed) external {
        _settle(_everyone());
        ++round;
        random = seed;
        settlementPrice = uint64(_random(1_000e8, 2_000e8));
        settlementFunding = _randomFunding();
        publishEpoch(random);
    }

    /// @notice What accounts have over all: sizes of the instruments that trade, and what their cash and what is left of
    /// the settled future are worth together, USD with 16 decimals. A settlement leaves of it less than a last digit of
    /// cash, until the last of them.
    function sums() external view returns (int256 perpetual, int256 future, int256 settling, int256 worthE16) {
        for (uint256 i; i < ACCOUNTS; ++i) {
            MarginReference.Portfolio memory portfolio = _portfolio(i);
            perpetual += portfolio.sizes[0];
            settling += portfolio.sizes[SETTLED];
            future += portfolio.sizes[2];
            worthE16 += portfolio.cash * 1e8;
        }
        worthE16 += settling * (int256(uint256(settlementPrice)) - settlementFunding);
    }

    function _instrument(uint256 which)
        internal
        override
        returns (InstrumentLeaf memory, MarginReference.Instrument memory)
    {
        return which == SETTLED ? _settledFuture() : _randomInstrument(_id(which));
    }

    function _sign(Published memory epoch, AccountLeaf[] memory accountLeaves) internal override {
        epoch.proofs = publish(epoch.leaves, accountLeaves);
        epoch.besides = _settlementProof(epoch.proofs);
    }

    /// @dev Ascending: the perpetual, the future that has settled, the one that trades.
    function _id(uint256 which) internal view override returns (InstrumentId) {
        if (which == 0) return BTC;
        return InstrumentId.wrap(bytes32(uint256(bytes32("ETH-FUTURE")) + round + which));
    }

    function _settle(AccountId[] memory who) private {
        Published memory epoch = _newest();
        market.settle(who, epoch.leaves[SETTLED], epoch.besides);
        ++settled;
    }

    function _settledFuture()
        private
        view
        returns (InstrumentLeaf memory leaf, MarginReference.Instrument memory instrument)
    {
        int64[] memory prices = new int64[](SCENARIOS);
        for (uint256 s; s < SCENARIOS; ++s) {
            prices[s] = int64(settlementPrice) - settlementFunding;
        }
        (uint64 price, bytes memory packed) = (settlementPrice, Encodings.pack(prices));
        instrument = MarginReference.Instrument(prices, price, 0, true);
        leaf = InstrumentLeaf(
            _id(SETTLED), InstrumentStatus.Settled, price, price, 0, price, settlementFunding, 10_000, packed
        );
    }

    /// @param all Of every leaf of the tree.
    function _settlementProof(MarginProofs memory all) private pure returns (bytes32[] memory) {
        return Merkle.proof(_hashes(all.instruments, all.accounts), SETTLED);
    }

    function _everyone() private view returns (AccountId[] memory all) {
        all = new AccountId[](ACCOUNTS);
        for (uint256 i; i < ACCOUNTS; ++i) {
            all[i] = accounts[i];
        }
    }

    function _only(uint256 who) private view returns (AccountId[] memory one_) {
        one_ = new AccountId[](1);
        one_[0] = accounts[who];
    }
}
