// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Vm} from "forge-std/Vm.sol";
import {IRiskRegistry} from "../../src/interfaces/IRiskRegistry.sol";

/// @title Risk registries as they are deployed
/// @notice From the registry's artifact, not by `new`: whatever imports the registry is compiled as it is, to be small, and
/// so is whatever that imports. All tests and all that they test would be compiled twice.
library RiskRegistries {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function create(address owner, uint32 timelockSeconds) internal returns (IRiskRegistry) {
        return IRiskRegistry(VM.deployCode("RiskRegistry.sol:RiskRegistry", abi.encode(owner, timelockSeconds)));
    }
}
