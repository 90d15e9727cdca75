// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {OptionsBuilder} from "@layerzerolabs/oapp-evm/contracts/oapp/libs/OptionsBuilder.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title How much gas a LayerZero message buys for its delivery
/// @notice Grows with the number of items that the message carries, since each costs the receiver a slot of storage.
library ReceiveGas {
    using OptionsBuilder for bytes;

    struct Schedule {
        uint64 base;
        uint64 perItem;
    }

    event ReceiveGasSet(uint64 base, uint64 perItem);

    function set(Schedule storage schedule, uint64 base, uint64 perItem) internal {
        schedule.base = base;
        schedule.perItem = perItem;
        emit ReceiveGasSet(base, perItem);
    }

    /// @notice LayerZero's options of type 3 for a message of `items` items, without native value.
    function options(Schedule storage schedule, uint256 items) internal view returns (bytes memory) {
        uint128 gasLimit = SafeCast.toUint128(schedule.base + items * schedule.perItem);
        return OptionsBuilder.newOptions().addExecutorLzReceiveOption(gasLimit, 0);
    }
}
