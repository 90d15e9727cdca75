// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IOperatorRegistry} from "../interfaces/IOperatorRegistry.sol";

/// @title What every operator set must obey
/// @notice A threshold above half makes any two quorums share a member: what the signing rules of operators rest on.
library OperatorSetRules {
    uint256 internal constant LEAST_MEMBERS = 2;
    uint256 internal constant MOST_MEMBERS = 32;

    function check(address[] memory members, uint256 threshold) internal pure {
        if (members.length < LEAST_MEMBERS) revert IOperatorRegistry.TooFewMembers(LEAST_MEMBERS);
        if (members.length > MOST_MEMBERS) revert IOperatorRegistry.TooManyMembers(MOST_MEMBERS);
        if (threshold * 2 <= members.length || threshold > members.length) {
            revert IOperatorRegistry.ThresholdNotMajority(threshold, members.length);
        }
        address last;
        for (uint256 i; i < members.length; ++i) {
            if (members[i] <= last) revert IOperatorRegistry.MembersNotAscending();
            last = members[i];
        }
    }
}
