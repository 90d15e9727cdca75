// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SSTORE2} from "solady/utils/SSTORE2.sol";
import {OperatorSet} from "../interfaces/IOperatorRegistry.sol";
import {OperatorSetRules} from "./OperatorSetRules.sol";

/// @title An operator set as the code of a contract
/// @notice One read of code costs less than two slots of storage, however many members there are.
/// @dev Layout: id (4 bytes), threshold (1), then 20 bytes a member, ascending.
library OperatorSetStore {
    uint256 private constant HEAD = 5;

    function write(OperatorSet memory set) internal returns (address stored) {
        OperatorSetRules.check(set.members, set.threshold);
        bytes memory data = abi.encodePacked(set.id, set.threshold);
        for (uint256 i; i < set.members.length; ++i) {
            data = bytes.concat(data, bytes20(set.members[i]));
        }
        return SSTORE2.write(data);
    }

    function read(address stored) internal view returns (bytes memory data) {
        return SSTORE2.read(stored);
    }

    function id(bytes memory data) internal pure returns (uint32 value) {
        assembly ("memory-safe") {
            value := shr(224, mload(add(data, 32)))
        }
    }

    function threshold(bytes memory data) internal pure returns (uint8 value) {
        assembly ("memory-safe") {
            value := byte(4, mload(add(data, 32)))
        }
    }

    function memberCount(bytes memory data) internal pure returns (uint256) {
        return (data.length - HEAD) / 20;
    }

    /// @dev The caller keeps `index` below `memberCount`.
    function member(bytes memory data, uint256 index) internal pure returns (address value) {
        assembly ("memory-safe") {
            value := shr(96, mload(add(add(data, 37), mul(index, 20))))
        }
    }

    function decode(bytes memory data) internal pure returns (OperatorSet memory set) {
        set.id = id(data);
        set.threshold = threshold(data);
        set.members = new address[](memberCount(data));
        for (uint256 i; i < set.members.length; ++i) {
            set.members[i] = member(data, i);
        }
    }
}
