// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Trading} from "./Trading.sol";

/// @title Gas of whole transactions: 21000, calldata and execution on cold storage, as a sender pays it
/// @dev Writes snapshots/TransactionGas.json. Each measured call runs as a transaction of its own (`isolate`); that the
/// figure includes the intrinsic cost is checked against one worked out from the calldata.
abstract contract MeasuredGas is Trading {
    uint256 internal constant DEPTH = 20;
    uint256 internal constant SCENARIOS = 31;

    /// @dev Of the last call.
    function _record(string memory name, bytes memory data, uint256 budget) internal {
        uint256 gasUsed = vm.snapshotGasLastCall("TransactionGas", name);
        assertGt(gasUsed, _intrinsic(data), "not a whole transaction");
        assertLe(gasUsed, budget, name);
    }

    function _intrinsic(bytes memory data) private pure returns (uint256 total) {
        total = 21_000;
        for (uint256 i; i < data.length; ++i) {
            total += data[i] == 0 ? 4 : 16;
        }
    }
}
