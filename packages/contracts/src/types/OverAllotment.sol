// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {UnderlyingId} from "./Ids.sol";
import {AccountLeaf} from "./Leaves.sol";

/// @notice What an epoch allots to an account at one consumer.
/// @param consumer Index of the consumer in the registry's list.
/// @param proof Of the leaf under `chainRoot`, the sub-root of that consumer's chain.
/// @param chainPath Of the sub-root under the header's root.
struct ProvenAllotment {
    uint256 consumer;
    AccountLeaf leaf;
    bytes32[] proof;
    bytes32 chainRoot;
    bytes32[] chainPath;
}

/// @notice Consecutive answers of an underlying's feed that include every one it may have been priced by at a cut.
/// @param first A round that was there well before the cut.
/// @param last A round well after the cut, or the feed's newest.
struct FeedRounds {
    UnderlyingId underlying;
    uint80 first;
    uint80 last;
}
