// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MessagingFee} from "@layerzerolabs/oapp-evm/contracts/oapp/OApp.sol";
import {IOperatorBonds} from "./IOperatorBonds.sol";
import {ISolvencyAttestations} from "./ISolvencyAttestations.sol";

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
    event BondsSet(IOperatorBonds bonds);

    error TooFewMembers(uint256 least);
    error TooManyMembers(uint256 most);
    error ThresholdNotMajority(uint256 threshold, uint256 members);
    error MembersNotAscending();
    error NoOperatorSet();
    error BondsAlreadySet(IOperatorBonds bonds);
    error OnlyBonds(address caller);

    /// @notice Installs the next set and hands it to the hub's own attestations contract.
    /// @dev Only the owner. 2 to 32 members, ascending; a threshold of more than half, so that any two quorums meet.
    /// Once there are bonds, every member needs one.
    function setOperators(address[] calldata members, uint8 threshold) external;

    /// @notice Names the contract that holds the operators' bonds. Only the owner, once.
    function setBonds(IOperatorBonds bonds) external;

    /// @notice Installs the set without one of its members, with the same threshold, or one less if it was unanimity.
    /// @dev Only the bonds' contract. Changes nothing, and returns false, if it is no member, or one of the last two: a
    /// set of one could sign anything alone. Broadcasts nothing.
    function removeMember(address member) external returns (bool removed);

    /// @notice Sends the current set to another chain. Anyone may pay for it, again and again.
    function broadcast(uint32 eid) external payable;

    function quoteBroadcast(uint32 eid) external view returns (MessagingFee memory fee);

    /// @notice Gas that a broadcast buys for its delivery: `base` plus `perMember` for every member. Only the owner.
    function setReceiveGas(uint64 base, uint64 perMember) external;

    /// @notice The hub's own attestations contract: LayerZero has no path from a chain to itself.
    function localAttestations() external view returns (ISolvencyAttestations);

    /// @notice Who holds the operators' bonds; zero where there are none.
    function bonds() external view returns (IOperatorBonds);

    function current() external view returns (OperatorSet memory);
}
