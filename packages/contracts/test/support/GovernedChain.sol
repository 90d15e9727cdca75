// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {OAppCore} from "@layerzerolabs/oapp-evm/contracts/oapp/OAppCore.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {DerivativeMarket} from "../../src/DerivativeMarket.sol";
import {OperatorRegistry} from "../../src/OperatorRegistry.sol";
import {SolvencyAttestations} from "../../src/SolvencyAttestations.sol";
import {IRiskRegistry} from "../../src/interfaces/IRiskRegistry.sol";
import {Governed, RoleManager, RoleMembers} from "../../src/RoleManager.sol";
import {CollateralChains} from "./CollateralChains.sol";
import {RiskRegistries} from "./RiskRegistries.sol";

/// @title A chain with everything on it that has an owner, and the one RoleManager that owns it
abstract contract GovernedChain is CollateralChains {
    uint32 internal constant DELAY_SECONDS = 2 days;

    /// @dev The one that the registry installs sets in; `attestations` is another chain's, whose epochs a test signs.
    SolvencyAttestations internal hubAttestations;
    OperatorRegistry internal operatorRegistry;
    IRiskRegistry internal riskRegistry;
    DerivativeMarket internal market;
    RoleManager internal manager;
    RoleMembers internal members =
        RoleMembers(makeAddr("admin"), makeAddr("pauser"), makeAddr("risk"), makeAddr("names operators"));

    function setUpGovernance() internal {
        setUpCollateral();
        hubAttestations = new SolvencyAttestations(endpoint, address(this), SALT);
        operatorRegistry = new OperatorRegistry(endpoint, address(this), address(hubAttestations));
        hubAttestations.setRegistry(address(operatorRegistry));
        riskRegistry = RiskRegistries.create(address(this), 1 days);
        market = new DerivativeMarket(address(attestations), address(this));
        Governed memory governed = Governed(address(vault), address(operatorRegistry), address(riskRegistry));
        manager = new RoleManager(DELAY_SECONDS, governed, members);
        address[5] memory apps = oApps();
        for (uint256 i; i < apps.length; ++i) {
            OAppCore(apps[i]).setDelegate(address(manager));
        }
        vault.transferOwnership(address(manager));
        ledger.transferOwnership(address(manager));
        attestations.transferOwnership(address(manager));
        hubAttestations.transferOwnership(address(manager));
        operatorRegistry.transferOwnership(address(manager));
        Ownable2Step(address(riskRegistry)).transferOwnership(address(manager));
        market.transferOwnership(address(manager));
        manager.adopt(market);
        manager.adopt(Ownable2Step(address(riskRegistry)));
    }

    /// @notice Every contract that speaks to LayerZero.
    function oApps() internal view returns (address[5] memory) {
        return
            [
                address(vault),
                address(ledger),
                address(attestations),
                address(hubAttestations),
                address(operatorRegistry)
            ];
    }

    /// @notice What `forge` wrote of a contract: every external function's signature.
    function signaturesOf(string memory name) internal view returns (string[] memory) {
        string memory path = string.concat("packages/contracts/out/", name, ".sol/", name, ".json");
        return vm.parseJsonKeys(vm.readFile(path), ".methodIdentifiers");
    }

    function selectorOf(string memory signature) internal pure returns (bytes4) {
        return bytes4(keccak256(bytes(signature)));
    }
}
