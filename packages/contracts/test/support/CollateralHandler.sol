// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccountId} from "../../src/types/Ids.sol";
import {WithdrawalLeaf} from "../../src/types/Leaves.sol";
import {CollateralChains} from "./CollateralChains.sol";
import {Encodings} from "./Encodings.sol";
import {LayerZero} from "./LayerZero.sol";

/// @title Random collateral movements over LayerZero's endpoints, none of which reverts
contract CollateralHandler is CollateralChains {
    uint256 public constant ACCOUNTS = 4;

    bool public totalsFell;
    bool public oldReportChangedSomething;
    bool public paidWithoutProof;
    mapping(AccountId => uint128) public approvedAndClaimed;

    LayerZero.Packet[] private undelivered;
    LayerZero.Packet[] private delivered;
    mapping(AccountId => uint128[4]) private seen;

    constructor() {
        setUpCollateral();
    }

    modifier watched() {
        _;
        for (uint256 i; i < ACCOUNTS; ++i) {
            _see(accountAt(i));
        }
    }

    function deposit(uint256 who, uint128 amount, bool reported) external watched {
        AccountId to = accountAt(who);
        amount = uint128(bound(amount, 1, 1_000e6));
        vm.recordLogs();
        vault.deposit{value: reported ? vault.quoteReport(to).nativeFee : 0}(to, address(token), amount);
        _collect();
    }

    function report(uint256 who) external watched {
        _report(accountAt(who));
    }

    /// @dev Operators approve some of it, and the owner claims, from an epoch that only this leaf is in.
    function withdraw(uint256 who, uint128 amount, bool reported) external watched {
        AccountId from = accountAt(who);
        (uint128 deposited, uint128 withdrawn) = vaultTotals(from);
        vm.warp(block.timestamp + 1 days);
        amount = uint128(bound(amount, 0, deposited - withdrawn));
        if (amount == 0) return;
        WithdrawalLeaf memory leaf = leafOf(from, address(token), withdrawn + amount);
        approve(leaf);
        vm.recordLogs();
        uint256 fee = reported ? vault.quoteReport(from).nativeFee : 0;
        vault.claimWithdrawal{value: fee}(leaf, new bytes32[](0));
        approvedAndClaimed[from] += amount;
        _collect();
    }

    function withdrawWithoutProof(uint256 who, uint128 approvedTotal, bytes32[] calldata proof) external watched {
        WithdrawalLeaf memory leaf = leafOf(accountAt(who), address(token), approvedTotal);
        // The leaf of the newest epoch has an empty proof; an amount that was claimed already pays nothing.
        try vault.claimWithdrawal(leaf, proof) {
            paidWithoutProof = true;
        } catch {}
    }

    function deliver(uint256 which) external watched {
        if (undelivered.length == 0) return;
        _deliver(which % undelivered.length);
    }

    /// @dev As if the endpoint delivered an old message again, which it would not.
    function replay(uint256 which) external watched {
        if (delivered.length == 0) return;
        LayerZero.Packet memory packet = delivered[which % delivered.length];
        bytes32 before = _ledgerState();
        vm.prank(hubEndpoint);
        ledger.lzReceive(packet.origin, packet.guid, packet.message, address(this), "");
        if (_ledgerState() != before) oldReportChangedSomething = true;
    }

    function reportAndDeliverAll() external {
        for (uint256 i; i < ACCOUNTS; ++i) {
            _report(accountAt(i));
        }
        while (undelivered.length > 0) {
            _deliver(undelivered.length - 1);
        }
    }

    function accountAt(uint256 index) public pure returns (AccountId) {
        return Encodings.accountId(address(uint160(1_000 + index % ACCOUNTS)), 0);
    }

    function vaultTotals(AccountId of_) public view returns (uint128 deposited, uint128 withdrawn) {
        return vault.totals(of_, address(token));
    }

    function ledgerTotals(AccountId of_) public view returns (uint128 deposited, uint128 withdrawn) {
        return ledger.totals(EID, of_, address(token));
    }

    function vaultBalance() external view returns (uint256) {
        return token.balanceOf(address(vault));
    }

    function _report(AccountId of_) private {
        if (vault.sequence(of_) == 0) return;
        vm.recordLogs();
        vault.report{value: vault.quoteReport(of_).nativeFee}(of_);
        _collect();
    }

    /// @dev Everything is verified at once and delivered when a handler says so.
    function _collect() private {
        LayerZero.Packet[] memory packets = LayerZero.packets(vm.getRecordedLogs());
        for (uint256 i; i < packets.length; ++i) {
            LayerZero.verify(hubLibrary, packets[i]);
            undelivered.push(packets[i]);
        }
    }

    function _deliver(uint256 index) private {
        LayerZero.Packet memory packet = undelivered[index];
        (AccountId of_, uint64 sequence) = abi.decode(packet.message, (AccountId, uint64));
        bool old = sequence <= ledger.sequence(EID, of_);
        bytes32 before = _ledgerState();
        LayerZero.deliver(hubEndpoint, packet);
        if (old && _ledgerState() != before) oldReportChangedSomething = true;
        delivered.push(packet);
        undelivered[index] = undelivered[undelivered.length - 1];
        undelivered.pop();
    }

    function _ledgerState() private view returns (bytes32 state) {
        for (uint256 i; i < ACCOUNTS; ++i) {
            (uint128 deposited, uint128 withdrawn) = ledgerTotals(accountAt(i));
            state = keccak256(abi.encode(state, deposited, withdrawn, ledger.sequence(EID, accountAt(i))));
        }
    }

    function _see(AccountId of_) private {
        uint128[4] memory now_;
        (now_[0], now_[1]) = vaultTotals(of_);
        (now_[2], now_[3]) = ledgerTotals(of_);
        for (uint256 i; i < 4; ++i) {
            if (now_[i] < seen[of_][i]) totalsFell = true;
        }
        seen[of_] = now_;
    }
}
