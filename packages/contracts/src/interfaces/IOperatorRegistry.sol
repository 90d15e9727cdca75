// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MessagingFee} from "@layerzerolabs/oapp-evm/contracts/oapp/OApp.sol";

/// @param id Increases by one with every change; 0 means none.
/// @param threshold Signatures needed; more than half of the members.
/// @param members In ascending order.
struct OperatorSet {
    uint32 id;
    uint8 threshold;
    address[] members;
}

/// @title The operator set, on the hub, and its broadcast to every chain's attestations contract
interface IOperatorRegistry {
    event OperatorSetChanged(uint32 indexed id, uint8 threshold, address[] members);
    event Broadcast(uint32 indexed id, uint32 indexed eid, bytes32 guid);

    error TooFewMembers(uint256 least);
    error TooManyMembers(uint256 most);
    error ThresholdNotMajority(uint256 threshold, uint256 members);
    error MembersNotAscending();
    error NoOperatorSet();

    /// @notice Installs the next set and hands it to the hub's own attestations contract.
    /// @dev Only the owner. 2 to 32 members, ascending; a threshold of more than half, so that any two quorums meet.
    function setOperators(address[] calldata members, uint8 threshold) external;

    /// @notice Sends the current set to another chain. Anyone may pay for it, again and again.
    function broadcast(uint32 eid) external payable;

    function quoteBroadcast(uint32 eid) external view returns (MessagingFee memory fee);

    /// @notice Gas that a broadcast buys for its delivery: `base` plus `perMember` for every member. Only the owner.
    function setReceiveGas(uint64 base, uint64 perMember) external;

    function current() external view returns (OperatorSet memory);
}
