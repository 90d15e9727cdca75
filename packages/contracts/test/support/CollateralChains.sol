// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {WETH} from "solady/tokens/WETH.sol";
import {CollateralLedger} from "../../src/CollateralLedger.sol";
import {CollateralVault, VaultConfig} from "../../src/CollateralVault.sol";
import {SolvencyAttestations} from "../../src/SolvencyAttestations.sol";
import {TestToken} from "../../src/devnet/TestToken.sol";
import {AccountId} from "../../src/types/Ids.sol";
import {WithdrawalLeaf} from "../../src/types/Leaves.sol";
import {AttestedChain} from "./AttestedChain.sol";
import {Encodings} from "./Encodings.sol";
import {LayerZero, LayerZeroCodec} from "./LayerZero.sol";

/// @title A vault on one chain, the ledger and a vault on the hub, joined by LayerZero's endpoints
abstract contract CollateralChains is AttestedChain, LayerZeroCodec {
    uint32 internal constant HUB_EID = 30_101;
    uint128 internal constant OUTFLOW_CAPACITY = 1_000_000e6;
    uint128 internal constant OUTFLOW_REFILL = 1e6;
    uint64 internal constant EXIT_DELAY_SECONDS = 2 days;

    address internal hubEndpoint;
    address internal hubLibrary;
    CollateralLedger internal ledger;
    CollateralVault internal vault;
    CollateralVault internal hubVault;
    TestToken internal token;
    WETH internal wrapped;
    address internal owner = makeAddr("owner");
    AccountId internal account = Encodings.accountId(owner, 3);

    function setUpCollateral() internal {
        setUpChain(3, 2);
        hubEndpoint = LayerZero.deployEndpoint(HUB_EID, address(this));
        (, hubLibrary) = LayerZero.connect(endpoint, hubEndpoint);
        wrapped = new WETH();
        ledger = new CollateralLedger(hubEndpoint, address(this));
        vault = newVault(endpoint, address(0));
        hubVault = newVault(hubEndpoint, address(ledger));
        ledger.setLocalVault(address(hubVault));
        ledger.setPeer(EID, bytes32(uint256(uint160(address(vault)))));
        vault.setPeer(HUB_EID, bytes32(uint256(uint160(address(ledger)))));
        token = newToken("USDC");
    }

    /// @notice A token that both vaults list, and of which this contract has plenty.
    function newToken(string memory symbol) internal returns (TestToken created) {
        created = new TestToken(symbol, symbol, 6);
        created.mint(address(this), type(uint128).max);
        vault.listAsset(address(created), OUTFLOW_CAPACITY, OUTFLOW_REFILL);
        hubVault.listAsset(address(created), OUTFLOW_CAPACITY, OUTFLOW_REFILL);
        created.approve(address(vault), type(uint256).max);
        created.approve(address(hubVault), type(uint256).max);
    }

    /// @notice Verifies and delivers every packet that was sent since logs are recorded.
    function deliverAll() internal {
        LayerZero.Packet[] memory packets = LayerZero.packets(vm.getRecordedLogs());
        for (uint256 i; i < packets.length; ++i) {
            LayerZero.verify(hubLibrary, packets[i]);
            LayerZero.deliver(hubEndpoint, packets[i]);
        }
    }

    /// @notice Posts an epoch whose only leaf is this one, so its proof is empty.
    function approve(WithdrawalLeaf memory leaf) internal {
        attestations.post(attest(Encodings.hash(leaf)));
    }

    function leafOf(uint128 approvedTotal) internal view returns (WithdrawalLeaf memory) {
        return leafOf(account, address(token), approvedTotal);
    }

    /// @notice What `vault` may pay, with nothing more by exit.
    function leafOf(AccountId of_, address asset, uint128 approvedTotal) internal view returns (WithdrawalLeaf memory) {
        return WithdrawalLeaf(of_, address(vault), asset, approvedTotal, approvedTotal);
    }

    function newVault(address endpoint_, address ledger_) internal returns (CollateralVault) {
        VaultConfig memory config =
            VaultConfig(HUB_EID, address(attestations), ledger_, address(wrapped), EXIT_DELAY_SECONDS);
        return new CollateralVault(endpoint_, address(this), config);
    }

    receive() external payable virtual {}
}
