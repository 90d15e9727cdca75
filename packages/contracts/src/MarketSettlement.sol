// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {MerkleProofLib} from "solady/utils/MerkleProofLib.sol";
import {MarginConsumer} from "./MarginConsumer.sol";
import {IMarketSettlement} from "./interfaces/IMarketSettlement.sol";
import {LeafHash} from "./libraries/LeafHash.sol";
import {PostedEpoch} from "./libraries/MarginLeaves.sol";
import {AccountId, InstrumentId} from "./types/Ids.sol";
import {InstrumentLeaf, InstrumentStatus} from "./types/Leaves.sol";

/// @notice See IMarketSettlement.
abstract contract MarketSettlement is MarginConsumer, IMarketSettlement {
    /// @dev `carry`: what rounding left of the positions settled so far, USD with 16 decimals, below 1e8.
    struct Settlement {
        bool known;
        int64 price;
        uint64 carry;
    }

    mapping(InstrumentId => Settlement) private _settlements;

    /// @inheritdoc IMarketSettlement
    function settle(AccountId[] calldata accounts, InstrumentLeaf calldata leaf, bytes32[] calldata proof) external {
        PostedEpoch memory epoch = _postedEpoch();
        if (!MerkleProofLib.verifyCalldata(proof, epoch.root, LeafHash.hashInstrument(leaf))) {
            revert InvalidSettlementProof(epoch.number);
        }
        InstrumentId instrument = leaf.instrument;
        if (leaf.status != InstrumentStatus.Settled) revert NotSettled(instrument);
        Settlement memory settlement = _settlements[instrument];
        if (!settlement.known) {
            int256 net = int256(uint256(leaf.settlement)) - leaf.funding;
            settlement = Settlement(true, SafeCast.toInt64(net), 0);
            emit InstrumentSettled(instrument, settlement.price);
        }
        uint256 carry = settlement.carry;
        for (uint256 i; i < accounts.length; ++i) {
            carry = _closeAt(accounts[i], instrument, settlement.price, carry);
        }
        settlement.carry = SafeCast.toUint64(carry);
        _settlements[instrument] = settlement;
    }

    /// @inheritdoc IMarketSettlement
    function settlementOf(InstrumentId instrument) external view returns (bool known, int64 price) {
        Settlement storage settlement = _settlements[instrument];
        return (settlement.known, settlement.price);
    }
}
