// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {OAppCore} from "@layerzerolabs/oapp-evm/contracts/oapp/OAppCore.sol";
import {MessagingFee, MessagingReceipt, OAppSender} from "@layerzerolabs/oapp-evm/contracts/oapp/OAppSender.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IOperatorBonds} from "./interfaces/IOperatorBonds.sol";
import {IOperatorRegistry, OperatorSet} from "./interfaces/IOperatorRegistry.sol";
import {ISolvencyAttestations} from "./interfaces/ISolvencyAttestations.sol";
import {OperatorSetRules} from "./libraries/OperatorSetRules.sol";
import {ReceiveGas} from "./libraries/ReceiveGas.sol";

/// @notice See IOperatorRegistry.
contract OperatorRegistry is IOperatorRegistry, OAppSender {
    using ReceiveGas for ReceiveGas.Schedule;

    /// @inheritdoc IOperatorRegistry
    ISolvencyAttestations public immutable localAttestations;
    /// @inheritdoc IOperatorRegistry
    IOperatorBonds public bonds;

    ReceiveGas.Schedule private _receiveGas = ReceiveGas.Schedule({base: 200_000, perItem: 8_000});
    OperatorSet private _current;

    /// @param endpoint_ LayerZero's endpoint on the hub.
    /// @param owner_ Names the operators, sets peers and the gas of broadcasts.
    /// @param localAttestations_ The hub's SolvencyAttestations, whose `setRegistry` then names this contract.
    constructor(address endpoint_, address owner_, address localAttestations_)
        OAppCore(endpoint_, owner_)
        Ownable(owner_)
    {
        localAttestations = ISolvencyAttestations(localAttestations_);
    }

    /// @inheritdoc IOperatorRegistry
    function setOperators(address[] calldata members, uint8 threshold) external onlyOwner {
        if (address(bonds) != address(0)) bonds.checkBonded(members);
        _install(members, threshold);
    }

    /// @inheritdoc IOperatorRegistry
    function setBonds(IOperatorBonds bonds_) external onlyOwner {
        if (address(bonds) != address(0)) revert BondsAlreadySet(bonds);
        bonds = bonds_;
        emit BondsSet(bonds_);
    }

    /// @inheritdoc IOperatorRegistry
    function removeMember(address member) external returns (bool removed) {
        if (msg.sender != address(bonds)) revert OnlyBonds(msg.sender);
        OperatorSet memory set = _current;
        uint256 count = set.members.length;
        if (count <= OperatorSetRules.LEAST_MEMBERS) return false;
        address[] memory others = new address[](count - 1);
        uint256 kept;
        for (uint256 i; i < count; ++i) {
            if (set.members[i] == member) removed = true;
            else if (kept < count - 1) others[kept++] = set.members[i];
        }
        if (!removed) return false;
        // More than half of the larger set is more than half of the smaller one.
        _install(others, set.threshold < count ? set.threshold : set.threshold - 1);
    }

    /// @inheritdoc IOperatorRegistry
    function broadcast(uint32 eid) external payable {
        (bytes memory message, bytes memory options) = _message();
        MessagingReceipt memory receipt = _lzSend(eid, message, options, MessagingFee(msg.value, 0), msg.sender);
        emit Broadcast(_current.id, eid, receipt.guid);
    }

    /// @inheritdoc IOperatorRegistry
    function setReceiveGas(uint64 base, uint64 perMember) external onlyOwner {
        _receiveGas.set(base, perMember);
    }

    /// @inheritdoc IOperatorRegistry
    function quoteBroadcast(uint32 eid) external view returns (MessagingFee memory fee) {
        (bytes memory message, bytes memory options) = _message();
        return _quote(eid, message, options, false);
    }

    /// @inheritdoc IOperatorRegistry
    function current() external view returns (OperatorSet memory) {
        return _current;
    }

    function _install(address[] memory members, uint8 threshold) private {
        OperatorSetRules.check(members, threshold);
        OperatorSet memory set = OperatorSet(_current.id + 1, threshold, members);
        _current = set;
        emit OperatorSetChanged(set.id, threshold, members);
        localAttestations.installLocal(set);
    }

    function _message() private view returns (bytes memory message, bytes memory options) {
        OperatorSet memory set = _current;
        if (set.id == 0) revert NoOperatorSet();
        return (abi.encode(set), _receiveGas.options(set.members.length));
    }
}
