// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title A token bucket: limits how fast something flows out
/// @notice Bounds what a fault anywhere else can take before people notice.
library OutflowLimiter {
    struct Bucket {
        uint128 capacity;
        uint128 refillPerSecond;
        uint128 level;
        uint64 updatedAt;
    }

    /// @notice A full bucket.
    function create(uint128 capacity, uint128 refillPerSecond) internal view returns (Bucket memory) {
        return Bucket(capacity, refillPerSecond, capacity, uint64(block.timestamp));
    }

    function available(Bucket storage bucket) internal view returns (uint256) {
        uint256 refilled = bucket.level + (block.timestamp - bucket.updatedAt) * bucket.refillPerSecond;
        return refilled < bucket.capacity ? refilled : bucket.capacity;
    }

    /// @dev The caller has checked that `amount` is available.
    function take(Bucket storage bucket, uint256 amount) internal {
        bucket.level = SafeCast.toUint128(available(bucket) - amount);
        bucket.updatedAt = uint64(block.timestamp);
    }
}
