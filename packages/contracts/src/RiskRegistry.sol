// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {RiskTimelock} from "./RiskTimelock.sol";
import {IRiskRegistry} from "./interfaces/IRiskRegistry.sol";
import {RiskBounds} from "./libraries/RiskBounds.sol";
import {Tightening} from "./libraries/Tightening.sol";
import {InstrumentId, UnderlyingId} from "./types/Ids.sol";
import {
    Asset,
    ExpiryTerms,
    Funding,
    Instrument,
    InstrumentKind,
    Listed,
    MarginParameters,
    ScenarioSet,
    Underlying,
    VolatilityPolicy
} from "./types/Risk.sol";

/// @notice See IRiskRegistry.
contract RiskRegistry is RiskTimelock {
    /// @dev `setAt` is 0 for an expiry that is not known.
    struct Expiry {
        ExpiryTerms terms;
        uint64 setAt;
    }

    /// @inheritdoc IRiskRegistry
    mapping(uint32 eid => address) public vault;

    mapping(UnderlyingId => Underlying) private _underlyings;
    mapping(UnderlyingId => VolatilityPolicy) private _volatilityPolicies;
    mapping(UnderlyingId => mapping(uint64 expiry => Expiry)) private _expiries;
    mapping(uint32 eid => mapping(address token => Asset)) private _assets;
    mapping(InstrumentId => Instrument) private _instruments;
    mapping(InstrumentId => Funding) private _fundings;
    mapping(uint32 eid => mapping(address consumer => bool)) private _activeConsumers;
    mapping(UnderlyingId => bool) private _stressed;
    Listed[] private _assetList;
    Listed[] private _consumerList;
    uint256 private _underlyingCount;
    ScenarioSet private _scenarioSet;
    MarginParameters private _marginParameters;

    /// @param owner_ Who sets risk.
    /// @param timelockSeconds_ How long a loosening waits once sealed, at most 30 days.
    constructor(address owner_, uint32 timelockSeconds_) RiskTimelock(owner_, timelockSeconds_) {}

    /// @inheritdoc IRiskRegistry
    function setUnderlying(UnderlyingId id, Underlying calldata value) external onlyOwnerOrSelf {
        RiskBounds.checkUnderlying(id, value);
        if (_waits(_slot(UnderlyingId.unwrap(id)), Tightening.ofUnderlying(_underlyings[id], value))) return;
        if (_underlyings[id].feed == address(0)) ++_underlyingCount;
        _underlyings[id] = value;
        emit UnderlyingSet(id, value, version);
    }

    /// @inheritdoc IRiskRegistry
    function setVolatilityPolicy(UnderlyingId id, VolatilityPolicy calldata value) external onlyOwnerOrSelf {
        _checkKnown(id);
        RiskBounds.checkVolatilityPolicy(value);
        bool tightens = Tightening.ofVolatilityPolicy(_volatilityPolicies[id], value);
        if (_waits(_slot(UnderlyingId.unwrap(id)), tightens)) return;
        _volatilityPolicies[id] = value;
        emit VolatilityPolicySet(id, value, version);
    }

    /// @inheritdoc IRiskRegistry
    function setExpiry(UnderlyingId id, uint64 at, ExpiryTerms calldata value) external onlyOwnerOrSelf {
        _checkUnderlyingUsable(id);
        RiskBounds.checkExpiry(at, value);
        Expiry storage known = _expiries[id][at];
        bool small = Tightening.isSmallStep(known.terms, known.setAt, value);
        if (_waits(_slot(UnderlyingId.unwrap(id), bytes32(uint256(at))), small)) return;
        (known.terms, known.setAt) = (value, uint64(block.timestamp));
        emit ExpirySet(id, at, value, version);
    }

    /// @inheritdoc IRiskRegistry
    function setAsset(uint32 eid, address token, Asset calldata value) external onlyOwnerOrSelf {
        RiskBounds.checkAsset(eid, token, value);
        _checkUnderlyingUsable(value.underlying);
        bool isNew = _isNew(eid, token);
        if (_waits(_slotOf(eid, token), Tightening.ofAsset(_assets[eid][token], value))) return;
        if (isNew) _assetList.push(Listed(eid, token, version));
        _assets[eid][token] = value;
        emit AssetSet(eid, token, value, version);
    }

    /// @inheritdoc IRiskRegistry
    function setInstrument(InstrumentId id, Instrument calldata value) external onlyOwnerOrSelf {
        Instrument memory previous = _instruments[id];
        RiskBounds.checkInstrument(id, previous, value);
        _checkUnderlyingUsable(value.underlying);
        if (previous.multiplier == 0 && value.kind != InstrumentKind.Perpetual) _checkExpiryKnown(value);
        if (_waits(_slot(InstrumentId.unwrap(id)), Tightening.ofInstrument(previous, value))) return;
        _instruments[id] = value;
        emit InstrumentSet(id, value, version);
    }

    /// @inheritdoc IRiskRegistry
    function setFunding(InstrumentId id, Funding calldata value) external onlyOwnerOrSelf {
        Instrument memory funded = _instruments[id];
        if (funded.multiplier == 0) revert UnknownInstrument(id);
        RiskBounds.checkFunding(funded, value);
        if (_waits(_slot(InstrumentId.unwrap(id)), Tightening.ofFunding(_fundings[id], value))) return;
        _fundings[id] = value;
        emit FundingSet(id, value, version);
    }

    /// @inheritdoc IRiskRegistry
    function setVault(uint32 eid, address vault_) external onlyOwnerOrSelf {
        if (eid == 0 || vault_ == address(0)) revert OutOfBounds("vault");
        if (vault[eid] != address(0)) revert VaultIsImmutable(eid);
        if (_waits(_slot(bytes32(uint256(eid))), false)) return;
        vault[eid] = vault_;
        emit VaultSet(eid, vault_, version);
    }

    /// @inheritdoc IRiskRegistry
    function setConsumer(uint32 eid, address consumer, bool active) external onlyOwnerOrSelf {
        if (eid == 0 || consumer == address(0)) revert OutOfBounds("consumer");
        bool isNew = _isNew(eid, consumer);
        if (_waits(_slotOf(eid, consumer), _activeConsumers[eid][consumer] && !active)) return;
        if (isNew) _consumerList.push(Listed(eid, consumer, version));
        _activeConsumers[eid][consumer] = active;
        emit ConsumerSet(eid, consumer, active, version);
    }

    /// @inheritdoc IRiskRegistry
    function setScenarioSet(ScenarioSet calldata value) external onlyOwnerOrSelf {
        RiskBounds.checkScenarioSet(value);
        // Columns are distinct and each is known, so an equal number of them means that none is missing.
        if (value.underlyings.length != _underlyingCount) revert OutOfBounds("scenario columns");
        for (uint256 i; i < value.underlyings.length; ++i) {
            _checkKnown(value.underlyings[i]);
        }
        if (_waits(_slot(0), Tightening.ofScenarioSet(_scenarioSet, value))) return;
        for (uint256 i; i < value.underlyings.length; ++i) {
            _stressed[value.underlyings[i]] = true;
        }
        _scenarioSet = value;
        emit ScenarioSetSet(value, version);
    }

    /// @inheritdoc IRiskRegistry
    function setMarginParameters(MarginParameters calldata value) external onlyOwnerOrSelf {
        RiskBounds.checkMarginParameters(value);
        if (_waits(_slot(0), Tightening.ofMarginParameters(_marginParameters, value))) return;
        _marginParameters = value;
        emit MarginParametersSet(value, version);
    }

    /// @inheritdoc IRiskRegistry
    function seal() external onlyOwner {
        if (_scenarioSet.underlyings.length != _underlyingCount || _underlyingCount == 0) {
            revert OutOfBounds("scenario columns");
        }
        if (_marginParameters.maxLeverage == 0) revert OutOfBounds("margin parameters");
        _seal();
    }

    /// @inheritdoc IRiskRegistry
    function underlying(UnderlyingId id) external view returns (Underlying memory) {
        return _underlyings[id];
    }

    /// @inheritdoc IRiskRegistry
    function volatilityPolicy(UnderlyingId id) external view returns (VolatilityPolicy memory) {
        return _volatilityPolicies[id];
    }

    /// @inheritdoc IRiskRegistry
    function expiry(UnderlyingId id, uint64 expirySeconds) external view returns (ExpiryTerms memory) {
        return _expiries[id][expirySeconds].terms;
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
    function funding(InstrumentId id) external view returns (Funding memory) {
        return _fundings[id];
    }

    /// @inheritdoc IRiskRegistry
    function consumerActive(uint32 eid, address consumer) external view returns (bool) {
        return _activeConsumers[eid][consumer];
    }

    /// @inheritdoc IRiskRegistry
    function assets() external view returns (Listed[] memory) {
        return _assetList;
    }

    /// @inheritdoc IRiskRegistry
    function consumers() external view returns (Listed[] memory) {
        return _consumerList;
    }

    /// @inheritdoc IRiskRegistry
    function scenarioSet() external view returns (ScenarioSet memory) {
        return _scenarioSet;
    }

    /// @inheritdoc IRiskRegistry
    function marginParameters() external view returns (MarginParameters memory) {
        return _marginParameters;
    }

    /// @dev Whether the calling setter never set it before.
    function _isNew(uint32 eid, address at) private view returns (bool) {
        return changedIn[_slotOf(eid, at)] == 0;
    }

    function _slotOf(uint32 eid, address at) private pure returns (bytes32) {
        return _slot(bytes32(uint256(eid)), bytes32(uint256(uint160(at))));
    }

    function _checkKnown(UnderlyingId id) private view {
        if (_underlyings[id].feed == address(0)) revert UnknownUnderlying(id);
    }

    /// @dev Options need a smile besides.
    function _checkExpiryKnown(Instrument calldata value) private view {
        Expiry storage known = _expiries[value.underlying][value.expiry];
        if (known.setAt == 0 || (value.kind != InstrumentKind.Future && known.terms.atTheMoney == 0)) {
            revert UnknownExpiry(value.underlying, value.expiry);
        }
    }

    /// @dev Once sealed nothing may rest on an underlying that no scenario moves: it would need no margin.
    function _checkUnderlyingUsable(UnderlyingId id) private view {
        _checkKnown(id);
        if (isSealed && !_stressed[id]) revert OutOfBounds("underlying without scenarios");
    }
}
