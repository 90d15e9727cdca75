// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MerkleProofLib} from "solady/utils/MerkleProofLib.sol";
import {DerivativeMarket} from "../../src/DerivativeMarket.sol";
import {PortfolioChange} from "../../src/libraries/PortfolioDraft.sol";
import {Order} from "../../src/interfaces/ISignedOrders.sol";
import {MarginProofs} from "../../src/interfaces/IMarginConsumer.sol";
import {AttestationHash} from "../../src/libraries/AttestationHash.sol";
import {LeafHash} from "../../src/libraries/LeafHash.sol";
import {Leg, MarginCheck, Revaluation} from "../../src/libraries/MarginCheck.sol";
import {MarginLeaves, PostedEpoch} from "../../src/libraries/MarginLeaves.sol";
import {PackedInt64} from "../../src/libraries/PackedInt64.sol";
import {Priced} from "../../src/libraries/PricedInstruments.sol";
import {Header} from "../../src/types/Attestation.sol";
import {DeleverageLeaf, WithdrawalLeaf} from "../../src/types/Leaves.sol";

/// @title The contracts' own encodings and check, case by case, for a test that compares them with TypeScript's
/// @notice The real market, which asks itself for the newest epoch. Called by `eth_call` alone: nothing stays.
contract DifferentialHarness is DerivativeMarket {
    struct Proven {
        bytes32 root;
        bytes32[] proof;
    }

    struct Encoded {
        Header header;
        bytes32 salt;
        uint32 eid;
        Proven chain;
        Order order;
        bytes32 chainRoot;
        WithdrawalLeaf withdrawal;
        Proven withdrawalProof;
        DeleverageLeaf deleverage;
        Proven deleverageProof;
        MarginProofs margin;
    }

    struct Hashes {
        bytes32[] accounts;
        bytes32 withdrawal;
        bytes32 chainRoot;
        bytes32[] instruments;
        bytes32 headerDigest;
        bytes32 orderDigest;
        bool marginProven;
        bool withdrawalProven;
        bytes32 deleverage;
        bool deleverageProven;
        bool chainProven;
    }

    struct Step {
        bytes32 chainRoot;
        uint64 epoch;
        uint64 expiresAt;
        PortfolioChange[] changes;
        MarginProofs proofs;
    }

    /// @param opening Brings the account to its portfolio before the change.
    struct Checked {
        Step opening;
        Step judged;
    }

    /// @param refusal Revert data; empty if the change was allowed.
    struct Outcome {
        bytes refusal;
        int128 cash;
        int128 size;
    }

    struct Valued {
        int256 fixedE16;
        uint256 scenarios;
        int256[] sizes;
        bytes[] prices;
    }

    Step private _posted;

    constructor() DerivativeMarket(address(this), msg.sender) {}

    function newest() external view returns (uint64 epoch, bytes32 chainRoot, uint64 expiresAt) {
        return (_posted.epoch, _posted.chainRoot, _posted.expiresAt);
    }

    function hashAll(Encoded[] calldata cases) external view returns (Hashes[] memory all) {
        all = new Hashes[](cases.length);
        for (uint256 i; i < cases.length; ++i) {
            _hash(cases[i], all[i]);
        }
    }

    function judgeAll(Checked[] calldata cases) external returns (Outcome[] memory all) {
        all = new Outcome[](cases.length);
        for (uint256 i; i < cases.length; ++i) {
            _post(cases[i].opening);
            this.change(cases[i].opening.changes, cases[i].opening.proofs);
            Step calldata judged = cases[i].judged;
            _post(judged);
            try this.change(judged.changes, judged.proofs) {}
            catch (bytes memory refusal) {
                all[i].refusal = refusal;
            }
            all[i].cash = cash(judged.changes[0].account);
            all[i].size = position(judged.changes[0].account, judged.changes[0].instrument);
        }
    }

    function change(PortfolioChange[] calldata changes, MarginProofs calldata proofs) external {
        _changePortfolios(changes, proofs);
    }

    /// @notice Every portfolio's value in every scenario, USD with 16 decimals, as the check computes it.
    function valueAll(Valued[] calldata cases) external pure returns (int256[][] memory all) {
        all = new int256[][](cases.length);
        for (uint256 i; i < cases.length; ++i) {
            all[i] = new int256[](cases[i].scenarios);
            for (uint256 scenario; scenario < all[i].length; ++scenario) {
                all[i][scenario] = _valueE16(cases[i], scenario);
            }
        }
    }

    /// @dev The check tells a value only as an excess. Nothing is allotted here, so a portfolio that is deep in debt,
    /// and sinks, has one in every scenario.
    function _valueE16(Valued calldata valued, uint256 scenario) private pure returns (int256) {
        int256 deep = 2 ** 240;
        Revaluation memory revaluation;
        revaluation.scenarios = 1;
        revaluation.fixedAfter = valued.fixedE16 - deep;
        revaluation.fixedChange = -deep;
        revaluation.legs = new Leg[](valued.sizes.length);
        for (uint256 i; i < valued.sizes.length; ++i) {
            revaluation.legs[i] =
                Leg(PackedInt64.start(valued.prices[i]) + 8 * scenario, valued.sizes[i], 0, false, Priced.wrap(0));
        }
        // Beyond its end calldata reads as zeros: an allotment of nothing.
        (, uint256 excess) = MarginCheck.firstBreach(revaluation, msg.data.length);
        return deep - int256(excess);
    }

    function _post(Step calldata step) private {
        (_posted.epoch, _posted.chainRoot, _posted.expiresAt) = (step.epoch, step.chainRoot, step.expiresAt);
    }

    function _hash(Encoded calldata c, Hashes memory hashes) private view {
        hashes.withdrawal = LeafHash.hashWithdrawal(c.withdrawal);
        hashes.chainRoot = LeafHash.hashChainRoot(c.eid, c.chainRoot);
        hashes.headerDigest = AttestationHash.digest(c.header, AttestationHash.domainSeparator(c.salt));
        hashes.orderDigest = orderDigest(c.order);
        hashes.withdrawalProven = _proven(c.withdrawalProof, hashes.withdrawal);
        hashes.chainProven = _proven(c.chain, hashes.chainRoot);
        hashes.deleverage = LeafHash.hashDeleverage(c.deleverage);
        hashes.deleverageProven = _proven(c.deleverageProof, hashes.deleverage);
        hashes.accounts = new bytes32[](c.margin.accounts.length);
        for (uint256 i; i < hashes.accounts.length; ++i) {
            hashes.accounts[i] = LeafHash.hashAccount(c.margin.accounts[i]);
        }
        hashes.instruments = new bytes32[](c.margin.instruments.length);
        for (uint256 i; i < hashes.instruments.length; ++i) {
            hashes.instruments[i] = LeafHash.hashInstrument(c.margin.instruments[i]);
        }
        try this.prove(c.margin, PostedEpoch(c.header.epoch, c.chainRoot, false)) {
            hashes.marginProven = true;
        } catch {}
    }

    function prove(MarginProofs calldata proofs, PostedEpoch calldata epoch) external pure {
        MarginLeaves.prove(proofs, epoch);
    }

    function _proven(Proven calldata proven, bytes32 leaf) private pure returns (bool) {
        return MerkleProofLib.verifyCalldata(proven.proof, proven.root, leaf);
    }
}
