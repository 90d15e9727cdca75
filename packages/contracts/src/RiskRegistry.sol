// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {
    Asset,
    IRiskRegistry,
    Instrument,
    MarginParameters,
    ScenarioSet,
    Underlying
} from "./interfaces/IRiskRegistry.sol";
import {RiskBounds} from "./libraries/RiskBounds.sol";
import {Tightening} from "./libraries/Tightening.sol";
import {InstrumentId, UnderlyingId} from "./types/Ids.sol";

/// @notice See IRiskRegistry.
contract RiskRegistry is IRiskRegistry, Ownable2Step {
    /// @inheritdoc IRiskRegistry
    uint32 public immutable timelockSeconds;
    /// @inheritdoc IRiskRegistry
    uint32 public version;
    /// @inheritdoc IRiskRegistry
    bool public isSealed;
    /// @inheritdoc IRiskRegistry
    mapping(bytes32 change => uint64) public eta;
    /// @inheritdoc IRiskRegistry
    mapping(uint32 eid => address) public vault;

    mapping(UnderlyingId => Underlying) private _underlyings;
    mapping(uint32 eid => mapping(address token => Asset)) private _assets;
    mapping(InstrumentId => Instrument) private _instruments;
    mapping(uint32 eid => mapping(address consumer => bool)) private _activeConsumers;
    mapping(UnderlyingId => bool) private _stressed;
    uint256 private _underlyingCount;
    ScenarioSet private _scenarioSet;
    MarginParameters private _marginParameters;

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
    function setUnderlying(UnderlyingId id, Underlying calldata value) external onlyOwnerOrSelf {
        RiskBounds.checkUnderlying(id, value);
        if (_waits(Tightening.ofUnderlying(_underlyings[id], value))) return;
        if (_underlyings[id].feed == address(0)) ++_underlyingCount;
        _underlyings[id] = value;
        emit UnderlyingSet(id, value, ++version);
    }

    /// @inheritdoc IRiskRegistry
    function setAsset(uint32 eid, address token, Asset calldata value) external onlyOwnerOrSelf {
        RiskBounds.checkAsset(eid, token, value);
        _checkUnderlyingUsable(value.underlying);
        if (_waits(Tightening.ofAsset(_assets[eid][token], value))) return;
        _assets[eid][token] = value;
        emit AssetSet(eid, token, value, ++version);
    }

    /// @inheritdoc IRiskRegistry
    function setInstrument(InstrumentId id, Instrument calldata value) external onlyOwnerOrSelf {
        Instrument memory previous = _instruments[id];
        RiskBounds.checkInstrument(id, previous, value);
        _checkUnderlyingUsable(value.underlying);
        if (_waits(Tightening.ofInstrument(previous, value))) return;
        _instruments[id] = value;
        emit InstrumentSet(id, value, ++version);
    }

    /// @inheritdoc IRiskRegistry
    function setVault(uint32 eid, address vault_) external onlyOwnerOrSelf {
        if (eid == 0 || vault_ == address(0)) revert OutOfBounds("vault");
        if (vault[eid] != address(0)) revert VaultIsImmutable(eid);
        if (_waits(false)) return;
        vault[eid] = vault_;
        emit VaultSet(eid, vault_, ++version);
    }

    /// @inheritdoc IRiskRegistry
    function setConsumer(uint32 eid, address consumer, bool active) external onlyOwnerOrSelf {
        if (eid == 0 || consumer == address(0)) revert OutOfBounds("consumer");
        if (_waits(_activeConsumers[eid][consumer] && !active)) return;
        _activeConsumers[eid][consumer] = active;
        emit ConsumerSet(eid, consumer, active, ++version);
    }

    /// @inheritdoc IRiskRegistry
    function setScenarioSet(ScenarioSet calldata value) external onlyOwnerOrSelf {
        RiskBounds.checkScenarioSet(value);
        // Columns are distinct and each is known, so an equal number of them means that none is missing.
        if (value.underlyings.length != _underlyingCount) revert OutOfBounds("scenario columns");
        for (uint256 i; i < value.underlyings.length; ++i) {
            _checkKnown(value.underlyings[i]);
        }
        if (_waits(Tightening.ofScenarioSet(_scenarioSet, value))) return;
        for (uint256 i; i < value.underlyings.length; ++i) {
            _stressed[value.underlyings[i]] = true;
        }
        _scenarioSet = value;
        emit ScenarioSetSet(value, ++version);
    }

    /// @inheritdoc IRiskRegistry
    function setMarginParameters(MarginParameters calldata value) external onlyOwnerOrSelf {
        RiskBounds.checkMarginParameters(value);
        if (_waits(Tightening.ofMarginParameters(_marginParameters, value))) return;
        _marginParameters = value;
        emit MarginParametersSet(value, ++version);
    }

    /// @inheritdoc IRiskRegistry
    function seal() external onlyOwner {
        if (_scenarioSet.underlyings.length != _underlyingCount || _underlyingCount == 0) {
            revert OutOfBounds("scenario columns");
        }
        if (_marginParameters.maxLeverage == 0) revert OutOfBounds("margin parameters");
        isSealed = true;
        emit Sealed();
    }

    /// @inheritdoc IRiskRegistry
    function execute(bytes calldata change) external {
        bytes32 id = keccak256(change);
        uint64 due = eta[id];
        if (due == 0) revert NotQueued(id);
        if (block.timestamp < due) revert TooEarly(due);
        delete eta[id];
        Address.functionCall(address(this), change);
    }

    /// @inheritdoc IRiskRegistry
    function cancel(bytes32 id) external onlyOwner {
        if (eta[id] == 0) revert NotQueued(id);
        delete eta[id];
        emit ChangeCancelled(id);
    }

    /// @inheritdoc IRiskRegistry
    function underlying(UnderlyingId id) external view returns (Underlying memory) {
        return _underlyings[id];
    }

    /// @inheritdoc IRiskRegistry
    function asset(uint32 eid, address token) external view returns (Asset memory) {
        return _assets[eid][token];
    }

    /// @inheritdoc IRiskRegistry
    function instrument(InstrumentId id) external view returns (Instrument memory) {
        return _instruments[id];
    }

    /// @inheritdoc IRiskRegistry
    function consumerActive(uint32 eid, address consumer) external view returns (bool) {
        return _activeConsumers[eid][consumer];
    }

    /// @inheritdoc IRiskRegistry
    function scenarioSet() external view returns (ScenarioSet memory) {
        return _scenarioSet;
    }

    /// @inheritdoc IRiskRegistry
    function marginParameters() external view returns (MarginParameters memory) {
        return _marginParameters;
    }

    /// @dev Queues the change, named by the call's own data, if it has to wait. What `execute` calls never waits.
    function _waits(bool tightens) private returns (bool) {
        if (!isSealed || tightens || msg.sender == address(this)) return false;
        bytes32 id = keccak256(msg.data);
        uint64 due = uint64(block.timestamp + timelockSeconds);
        eta[id] = due;
        emit ChangeQueued(id, msg.data, due);
        return true;
    }

    function _checkKnown(UnderlyingId id) private view {
        if (_underlyings[id].feed == address(0)) revert UnknownUnderlying(id);
    }

    /// @dev Once sealed nothing may rest on an underlying that no scenario moves: it would need no margin.
    function _checkUnderlyingUsable(UnderlyingId id) private view {
        _checkKnown(id);
        if (isSealed && !_stressed[id]) revert OutOfBounds("underlying without scenarios");
    }
}
