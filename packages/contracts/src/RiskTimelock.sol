// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {IRiskRegistry} from "./interfaces/IRiskRegistry.sol";

/// @title How a change of risk comes into force
/// @notice Before the seal, and where it tightens, at once; else it is queued. See IRiskRegistry.
abstract contract RiskTimelock is IRiskRegistry, Ownable2Step {
    /// @dev A change that nobody has executed for so long after its time was forgotten.
    uint64 internal constant LAPSE_SECONDS = 14 days;

    /// @param slot Names the value that it changes.
    /// @param changedIn The version in which that value had changed last when this was queued.
    struct Queued {
        uint64 eta;
        uint32 changedIn;
        bytes32 slot;
    }

    /// @inheritdoc IRiskRegistry
    uint32 public immutable timelockSeconds;
    /// @inheritdoc IRiskRegistry
    bool public isSealed;
    /// @inheritdoc IRiskRegistry
    uint32 public version;
    /// @inheritdoc IRiskRegistry
    mapping(bytes32 slot => uint32) public changedIn;

    mapping(bytes32 change => Queued) private _queued;

    modifier onlyOwnerOrSelf() {
        if (msg.sender != address(this)) _checkOwner();
        _;
    }

    /// @param owner_ Who sets risk.
    /// @param timelockSeconds_ How long a loosening waits once sealed, at most 30 days.
    constructor(address owner_, uint32 timelockSeconds_) Ownable(owner_) {
        if (timelockSeconds_ > 30 days) revert OutOfBounds("timelock");
        timelockSeconds = timelockSeconds_;
    }

    /// @inheritdoc IRiskRegistry
    function execute(bytes calldata change) external {
        bytes32 id = keccak256(change);
        Queued memory queued = _queued[id];
        if (queued.eta == 0) revert NotQueued(id);
        if (block.timestamp < queued.eta) revert TooEarly(queued.eta);
        if (block.timestamp >= queued.eta + LAPSE_SECONDS) revert Lapsed(queued.eta + LAPSE_SECONDS);
        if (changedIn[queued.slot] != queued.changedIn) revert Superseded(id);
        delete _queued[id];
        Address.functionCall(address(this), change);
    }

    /// @inheritdoc IRiskRegistry
    function cancel(bytes32 id) external onlyOwner {
        if (_queued[id].eta == 0) revert NotQueued(id);
        delete _queued[id];
        emit ChangeCancelled(id);
    }

    /// @inheritdoc IRiskRegistry
    function eta(bytes32 id) external view returns (uint64) {
        return _queued[id].eta;
    }

    function _seal() internal {
        isSealed = true;
        emit Sealed();
    }

    /// @dev Queues the change, named by the call's own data, if it has to wait; else it is a version of its own. What
    /// `execute` calls never waits.
    /// @param slot Names the value that changes.
    function _waits(bytes32 slot, bool tightens) internal returns (bool) {
        if (!isSealed || tightens || msg.sender == address(this)) {
            changedIn[slot] = ++version;
            return false;
        }
        bytes32 id = keccak256(msg.data);
        uint64 due = uint64(block.timestamp + timelockSeconds);
        _queued[id] = Queued(due, changedIn[slot], slot);
        emit ChangeQueued(id, msg.data, due);
        return true;
    }

    /// @dev The value that the calling setter changes: its selector, and the key of the value.
    function _slot(bytes32 key) internal pure returns (bytes32) {
        return keccak256(abi.encode(msg.sig, key));
    }

    function _slot(bytes32 first, bytes32 second) internal pure returns (bytes32) {
        return keccak256(abi.encode(msg.sig, first, second));
    }
}
