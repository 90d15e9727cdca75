// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MarketLiquidation} from "../../src/MarketLiquidation.sol";
import {MarginProofs} from "../../src/interfaces/IMarginConsumer.sol";
import {AccountId, InstrumentId} from "../../src/types/Ids.sol";
import {AccountLeaf, AccountStatus, DeleverageLeaf, InstrumentLeaf, InstrumentStatus} from "../../src/types/Leaves.sol";
import {Encodings} from "./Encodings.sol";
import {Merkle} from "./Merkle.sol";
import {Trading} from "./Trading.sol";

/// @title A market whose next epoch says of each account what a test wants
/// @dev Three scenarios: BTC at 100 and ETH at 10; both a fifth higher; both a fifth lower.
abstract contract LiquidationChain is Trading {
    uint64 internal constant ALL = 1e18;
    uint64 internal constant BTC_MARK = 100e8;
    uint64 internal constant ETH_MARK = 10e8;

    MarketLiquidation internal liquidation;
    AccountId internal alice;
    AccountId internal bob;
    AccountId internal carol;
    AccountId internal dave;

    AccountLeaf[] private nextAccounts;
    InstrumentLeaf[] private nextInstruments;
    bytes private encodedProofs;

    function setUpLiquidation() internal {
        setUpMarket(3, 2);
        liquidation = MarketLiquidation(market.liquidation());
        (alice, bob, carol, dave) = (newTrader("alice"), newTrader("bob"), newTrader("carol"), newTrader("dave"));
        resetEpoch();
    }

    /// @notice `buyer` buys from `seller` at mark, whatever that does to them.
    function open(AccountId buyer, AccountId seller, InstrumentId instrument, uint128 size) internal {
        uint64 price = InstrumentId.unwrap(instrument) == InstrumentId.unwrap(BTC) ? BTC_MARK : ETH_MARK;
        AccountLeaf[] memory accounts = new AccountLeaf[](2);
        accounts[0] = accountLeaf(buyer, address(market), PLENTY, 3);
        accounts[1] = accountLeaf(seller, address(market), PLENTY, 3);
        market.trade(one(fillBetween(buyer, seller, instrument, size, price)), publish(bothInstruments(), accounts));
    }

    function bothInstruments() internal pure returns (InstrumentLeaf[] memory leaves) {
        leaves = new InstrumentLeaf[](2);
        leaves[0] = _instrument(BTC, BTC_MARK, InstrumentStatus.Active);
        leaves[1] = _instrument(ETH, ETH_MARK, InstrumentStatus.Active);
    }

    function resetEpoch() internal {
        delete nextAccounts;
        delete nextInstruments;
        nextInstruments.push(_instrument(BTC, BTC_MARK, InstrumentStatus.Active));
        nextInstruments.push(_instrument(ETH, ETH_MARK, InstrumentStatus.Active));
    }

    /// @notice In the next epoch BTC has another mark, and a fifth up and down from there.
    function mark(uint64 price) internal {
        nextInstruments[0] = _instrument(BTC, price, InstrumentStatus.Active);
    }

    function reduceOnly(uint256 which) internal {
        nextInstruments[which].status = InstrumentStatus.ReduceOnly;
    }

    /// @notice One more instrument, from the next epoch on; after those that are there, whose ids are smaller.
    function list(InstrumentId id, uint64 price) internal {
        nextInstruments.push(_instrument(id, price, InstrumentStatus.Active));
    }

    /// @notice The next epoch prices nothing.
    function unlistAll() internal {
        delete nextInstruments;
    }

    /// @notice The instruments stay as they are.
    function forgetAccounts() internal {
        delete nextAccounts;
    }

    /// @notice What the next epoch says of an account: in whole dollars.
    function says(AccountId account, AccountStatus status, uint128 grossLimit, int64[3] memory allotment) internal {
        int64[] memory losses = new int64[](3);
        for (uint256 s; s < 3; ++s) {
            losses[s] = allotment[s] * 1e8;
        }
        nextAccounts.push(AccountLeaf(account, address(market), status, grossLimit * 1e8, Encodings.pack(losses)));
    }

    function active(AccountId account, int64 allotment) internal {
        says(account, AccountStatus.Active, 1_000_000, [allotment, allotment, allotment]);
    }

    function insolvent(AccountId account, int64 allotment) internal {
        says(account, AccountStatus.Insolvent, 0, [allotment, allotment, allotment]);
    }

    function publishNext() internal {
        encodedProofs = abi.encode(publish(nextInstruments, nextAccounts));
    }

    /// @notice With one queue in the tree beside the rest.
    function publishNext(DeleverageLeaf memory queue) internal returns (bytes32[] memory queueProof) {
        AccountLeaf[] memory accounts = nextAccounts;
        _sort(accounts);
        bytes32[] memory leaves = Merkle.append(_hashes(nextInstruments, accounts), Encodings.hash(queue));
        bool[] memory marked = new bool[](leaves.length);
        for (uint256 i; i + 1 < marked.length; ++i) {
            marked[i] = true;
        }
        encodedProofs = abi.encode(_proofs(nextInstruments, accounts, leaves, marked));
        attestations.post(attest(Merkle.root(leaves)));
        return Merkle.proof(leaves, leaves.length - 1);
    }

    /// @notice Of all leaves of the epoch that was published last.
    function proofs() internal view returns (MarginProofs memory) {
        return abi.decode(encodedProofs, (MarginProofs));
    }

    function _instrument(InstrumentId id, uint64 price, InstrumentStatus status)
        private
        pure
        returns (InstrumentLeaf memory leaf)
    {
        int64[] memory prices = new int64[](3);
        int64 base = int64(price);
        (prices[0], prices[1], prices[2]) = (base, base * 12 / 10, base * 8 / 10);
        leaf = InstrumentLeaf(id, status, price, price, 0, 0, 0, 10_000, Encodings.pack(prices));
    }
}
