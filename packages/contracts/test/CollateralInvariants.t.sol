// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";
import {AccountId} from "../src/types/Ids.sol";
import {CollateralHandler} from "./support/CollateralHandler.sol";

/// @dev Deposits, withdrawals, and reports delivered late, in any order, and again.
contract CollateralInvariants is Test {
    CollateralHandler private handler;

    function setUp() public {
        handler = new CollateralHandler();
        vm.deal(address(handler), 1_000_000 ether);
        bytes4[] memory selectors = new bytes4[](6);
        selectors[0] = CollateralHandler.deposit.selector;
        selectors[1] = CollateralHandler.report.selector;
        selectors[2] = CollateralHandler.withdraw.selector;
        selectors[3] = CollateralHandler.withdrawWithoutProof.selector;
        selectors[4] = CollateralHandler.deliver.selector;
        selectors[5] = CollateralHandler.replay.selector;
        targetContract(address(handler));
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    function invariant_collateral() public view {
        assertFalse(handler.totalsFell(), "a total fell");
        assertFalse(handler.oldReportChangedSomething(), "an old report changed something");
        assertFalse(handler.paidWithoutProof(), "paid without a proof");
        uint256 owed;
        for (uint256 i; i < handler.ACCOUNTS(); ++i) {
            AccountId account = handler.accountAt(i);
            (uint128 vaultDeposited, uint128 vaultWithdrawn) = handler.vaultTotals(account);
            (uint128 ledgerDeposited, uint128 ledgerWithdrawn) = handler.ledgerTotals(account);
            assertLe(ledgerDeposited, vaultDeposited, "ledger ahead of the vault");
            assertLe(ledgerWithdrawn, vaultWithdrawn, "ledger ahead of the vault");
            assertEq(vaultWithdrawn, handler.approvedAndClaimed(account), "paid beyond approval");
            owed += vaultDeposited - vaultWithdrawn;
        }
        assertEq(handler.vaultBalance(), owed, "the vault holds what it owes");
    }

    /// @dev Whatever happened to earlier messages, one more report makes the ledger right.
    function afterInvariant() public {
        handler.reportAndDeliverAll();
        for (uint256 i; i < handler.ACCOUNTS(); ++i) {
            AccountId account = handler.accountAt(i);
            (uint128 vaultDeposited, uint128 vaultWithdrawn) = handler.vaultTotals(account);
            (uint128 ledgerDeposited, uint128 ledgerWithdrawn) = handler.ledgerTotals(account);
            assertEq(ledgerDeposited, vaultDeposited);
            assertEq(ledgerWithdrawn, vaultWithdrawn);
        }
    }
}
