// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {
    ILayerZeroEndpointV2,
    MessagingParams
} from "@layerzerolabs/lz-evm-protocol-v2/contracts/interfaces/ILayerZeroEndpointV2.sol";
import {CollateralVault} from "../src/CollateralVault.sol";
import {ConsumerWeight, ICollateralLedger} from "../src/interfaces/ICollateralLedger.sol";
import {AssetTotals, ICollateralVault} from "../src/interfaces/ICollateralVault.sol";
import {TestToken} from "../src/devnet/TestToken.sol";
import {CollateralChains} from "./support/CollateralChains.sol";
import {LayerZero} from "./support/LayerZero.sol";

contract CollateralReportingTest is CollateralChains {
    function setUp() public {
        setUpCollateral();
    }

    function test_deposit_isReportedThroughLayerZero() public {
        vm.recordLogs();
        vault.deposit{value: vault.quoteReport(account).nativeFee}(account, address(token), 5e6);
        deliverAll();
        _assertLedger(EID, address(token), 5e6, 0);
        assertEq(ledger.sequence(EID, account), 1);
    }

    function test_deposit_refundsSurplusFee() public {
        uint256 fee = vault.quoteReport(account).nativeFee;
        assertGt(fee, 0);
        uint256 balanceBefore = address(this).balance;
        vault.deposit{value: fee + 1 ether}(account, address(token), 5e6);
        assertEq(balanceBefore - address(this).balance, fee);
        assertEq(address(vault).balance, 0);
    }

    function test_deposit_withoutValueCountsOnceReported() public {
        vm.recordLogs();
        vault.deposit(account, address(token), 5e6);
        vault.deposit(account, address(token), 7e6);
        deliverAll();
        _assertLedger(EID, address(token), 0, 0);
        address anyone = makeAddr("anyone");
        vm.deal(anyone, 1 ether);
        uint256 fee = vault.quoteReport(account).nativeFee;
        vm.prank(anyone);
        vault.report{value: fee}(account);
        deliverAll();
        _assertLedger(EID, address(token), 12e6, 0);
    }

    function test_deposit_onTheHubIsRecordedAtOnce() public {
        assertEq(hubVault.quoteReport(account).nativeFee, 0);
        hubVault.deposit(account, address(token), 5e6);
        _assertLedger(HUB_EID, address(token), 5e6, 0);
        assertEq(ledger.sequence(HUB_EID, account), 1);
    }

    function test_deposit_error_feeOnTheHub() public {
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.FeeOnLocalReport.selector, 1));
        hubVault.deposit{value: 1}(account, address(token), 5e6);
    }

    /// @dev The gas that a report buys is enough for a first report of all sixteen assets, and of one.
    function test_report_gasSufficesForEveryAsset() public {
        vault.deposit(account, address(token), 1);
        for (uint256 i = 1; i < 16; ++i) {
            TestToken next = newToken(vm.toString(i));
            vault.deposit(account, address(next), i + 1);
        }
        vm.recordLogs();
        vault.report{value: vault.quoteReport(account).nativeFee}(account);
        LayerZero.Packet memory packet = LayerZero.packets(vm.getRecordedLogs())[0];
        LayerZero.verify(hubLibrary, packet);
        LayerZero.deliver(hubEndpoint, packet);
        address[] memory assets = vault.assets();
        for (uint256 i; i < 16; ++i) {
            _assertLedger(EID, assets[i], uint128(i + 1), 0);
        }
    }

    function test_report_error_nothing() public {
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.NothingToReport.selector, account));
        vault.report(account);
    }

    /// @dev Reports delivered in the other order: the older one changes nothing and does not revert.
    function test_ledger_reorderedReport() public {
        vm.recordLogs();
        uint256 fee = vault.quoteReport(account).nativeFee;
        vault.deposit{value: fee}(account, address(token), 5e6);
        vault.deposit{value: fee}(account, address(token), 7e6);
        LayerZero.Packet[] memory packets = LayerZero.packets(vm.getRecordedLogs());
        LayerZero.verify(hubLibrary, packets[0]);
        LayerZero.verify(hubLibrary, packets[1]);
        LayerZero.deliver(hubEndpoint, packets[1]);
        _assertLedger(EID, address(token), 12e6, 0);
        vm.expectEmit(address(ledger));
        emit ICollateralLedger.ReportIgnored(EID, account, 1, 2);
        LayerZero.deliver(hubEndpoint, packets[0]);
        _assertLedger(EID, address(token), 12e6, 0);
    }

    /// @dev The newest report a second time is as old as any before it.
    function test_ledger_repeatedReport() public {
        hubVault.deposit(account, address(token), 5e6);
        AssetTotals[] memory reported = new AssetTotals[](1);
        reported[0] = AssetTotals(address(token), 9e6, 0);
        vm.expectEmit(address(ledger));
        emit ICollateralLedger.ReportIgnored(HUB_EID, account, 1, 1);
        vm.prank(address(hubVault));
        ledger.recordLocal(account, 1, reported);
        _assertLedger(HUB_EID, address(token), 5e6, 0);
    }

    /// @dev A message that the ledger cannot decode stays undelivered; the ones after it do not wait for it.
    function test_ledger_nonsenseBlocksNothing() public {
        vm.prank(address(vault));
        vm.deal(address(vault), 1 ether);
        vm.recordLogs();
        (bool sent,) = endpoint.call{value: 100}(_rawSend(hex"deadbeef"));
        assertTrue(sent);
        vault.deposit{value: vault.quoteReport(account).nativeFee}(account, address(token), 5e6);
        LayerZero.Packet[] memory packets = LayerZero.packets(vm.getRecordedLogs());
        LayerZero.verify(hubLibrary, packets[0]);
        LayerZero.verify(hubLibrary, packets[1]);
        vm.expectRevert();
        this.deliverOne(packets[0]);
        this.deliverOne(packets[1]);
        _assertLedger(EID, address(token), 5e6, 0);
    }

    function test_ledger_error_strangerIsNotHeard() public {
        CollateralVault forged = newVault(endpoint, address(0));
        forged.setPeer(HUB_EID, bytes32(uint256(uint160(address(ledger)))));
        forged.listAsset(address(token), 1, 1);
        token.approve(address(forged), 1);
        vm.recordLogs();
        forged.deposit{value: forged.quoteReport(account).nativeFee}(account, address(token), 1);
        LayerZero.Packet memory packet = LayerZero.packets(vm.getRecordedLogs())[0];
        // The endpoint asks the ledger before it takes a first message on a path.
        vm.expectRevert();
        LayerZero.verify(hubLibrary, packet);
    }

    function test_recordLocal_error_notTheVault(address caller) public {
        vm.assume(caller != address(hubVault));
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.OnlyLocalVault.selector, caller));
        ledger.recordLocal(account, 1, new AssetTotals[](0));
    }

    /// @dev Whatever the hub's vault were to say, totals never fall and old reports are ignored.
    function testFuzz_record_totalsNeverFall(uint64[8] calldata sequences, uint128[8] calldata amounts) public {
        uint64 newest;
        uint128 most;
        AssetTotals[] memory reported = new AssetTotals[](1);
        for (uint256 i; i < sequences.length; ++i) {
            reported[0] = AssetTotals(address(token), amounts[i], amounts[i] / 2);
            vm.prank(address(hubVault));
            ledger.recordLocal(account, sequences[i], reported);
            if (sequences[i] > newest) {
                newest = sequences[i];
                if (amounts[i] > most) most = amounts[i];
            }
            assertEq(ledger.sequence(HUB_EID, account), newest);
            _assertLedger(HUB_EID, address(token), most, most / 2);
        }
    }

    function test_setLocalVault_error_twice() public {
        vm.expectRevert(ICollateralLedger.LocalVaultAlreadySet.selector);
        ledger.setLocalVault(address(1));
    }

    function test_setWeights() public {
        ConsumerWeight[] memory weights = new ConsumerWeight[](2);
        weights[0] = ConsumerWeight(EID, address(1), 3);
        weights[1] = ConsumerWeight(HUB_EID, address(1), 1);
        vm.expectEmit(address(ledger));
        emit ICollateralLedger.WeightsSet(account, weights);
        vm.prank(owner);
        ledger.setWeights(account, weights);
    }

    function test_setWeights_error_notTheOwner() public {
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.NotAccountOwner.selector, account, address(this)));
        ledger.setWeights(account, new ConsumerWeight[](0));
    }

    function test_setWeights_error_tooMany() public {
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.TooManyWeights.selector, 16));
        ledger.setWeights(account, new ConsumerWeight[](17));
    }

    function test_setWeights_error_duplicate() public {
        ConsumerWeight[] memory weights = new ConsumerWeight[](3);
        (weights[0].eid, weights[1].eid, weights[2].eid) = (1, 2, 1);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.DuplicateWeight.selector, 1, address(0)));
        ledger.setWeights(account, weights);
    }

    function test_constructor_error_ledgerOffTheHub() public {
        vm.expectRevert(ICollateralVault.LocalLedgerMismatch.selector);
        newVault(endpoint, address(ledger));
        vm.expectRevert(ICollateralVault.LocalLedgerMismatch.selector);
        newVault(hubEndpoint, address(0));
    }

    function test_setReceiveGas() public {
        vault.setReceiveGas(300_000, 40_000);
        vm.recordLogs();
        vault.deposit{value: vault.quoteReport(account).nativeFee}(account, address(token), 1e6);
        assertEq(LayerZero.packets(vm.getRecordedLogs())[0].gasLimit, 340_000);
    }

    function deliverOne(LayerZero.Packet calldata packet) external {
        LayerZero.deliver(hubEndpoint, packet);
    }

    function _rawSend(bytes memory message) private view returns (bytes memory) {
        bytes memory options = abi.encodePacked(uint16(3), uint8(1), uint16(17), uint8(1), uint128(100_000));
        bytes32 receiver = bytes32(uint256(uint160(address(ledger))));
        return abi.encodeCall(
            ILayerZeroEndpointV2.send, (MessagingParams(HUB_EID, receiver, message, options, false), address(vault))
        );
    }

    function _assertLedger(uint32 eid, address asset, uint128 deposited, uint128 withdrawn) private view {
        (uint128 ledgerDeposited, uint128 ledgerWithdrawn) = ledger.totals(eid, account, asset);
        assertEq(ledgerDeposited, deposited, "deposited");
        assertEq(ledgerWithdrawn, withdrawn, "withdrawn");
    }
}
