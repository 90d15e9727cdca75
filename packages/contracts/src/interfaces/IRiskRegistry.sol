// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {InstrumentId, UnderlyingId} from "../types/Ids.sol";

/// @param feed The contract that emits `AnswerUpdated` (Chainlink's aggregator, not the proxy before it).
/// @param feedDecimals Decimals of the feed's answer.
/// @param maxAgeSeconds Older prices make the underlying's instruments reduce-only.
struct Underlying {
    address feed;
    uint8 feedDecimals;
    uint32 maxAgeSeconds;
}

/// @param underlying What prices it, for example USDC.
/// @param haircutBps Taken off the value, 0 to 10000.
/// @param decimals Of the token.
struct Asset {
    UnderlyingId underlying;
    uint16 haircutBps;
    uint8 decimals;
}

enum InstrumentKind {
    Perpetual,
    Future,
    Call,
    Put
}

/// @param multiplier Underlyings a unit, 8 decimals.
/// @param strike USD with 8 decimals; 0 for perpetuals and futures.
/// @param expiry Seconds since 1970; 0 for perpetuals.
/// @param chargeBps Contingency charge a unit, of the notional a unit.
struct Instrument {
    InstrumentKind kind;
    UnderlyingId underlying;
    uint64 multiplier;
    uint64 strike;
    uint64 expiry;
    uint16 chargeBps;
}

/// @notice Joint stresses. Row 0 has no shock: the base.
/// @param underlyings Columns.
/// @param priceShocksBps Row-major, rows x columns: the price moves by this share of itself, above -10000.
/// @param volatilityShocksBps Row-major, rows x columns.
struct ScenarioSet {
    UnderlyingId[] underlyings;
    int32[] priceShocksBps;
    int32[] volatilityShocksBps;
}

/// @param maintenanceBps Maintenance margin as a share of initial margin, at most 10000.
/// @param bufferBps Share of the free capacity that is never allotted: what price moves between epochs eat first.
/// @param stickyBps An allotment stays as it is unless it would move by more than this share of the account's free capacity.
/// @param maxLeverage Gross limit granted per unit of free capacity.
/// @param attestationLifetimeSeconds From issue to expiry.
struct MarginParameters {
    uint16 maintenanceBps;
    uint16 bufferBps;
    uint16 stickyBps;
    uint16 maxLeverage;
    uint32 attestationLifetimeSeconds;
}

/// @title What counts as collateral, what may be traded, and how it is stressed
/// @notice On the hub. Every change raises `version`. Until `seal` is called the owner sets up freely; afterwards a
/// change that loosens risk waits for the timelock and one that tightens it does not. Hard bounds on every value hold always; see RiskBounds. A change counts
/// as tightening only if it can do nothing but lower what accounts may do; see Tightening:
/// an underlying with the same feed and a shorter maximum age; an asset with a larger haircut; an instrument with a
/// larger charge; a consumer made inactive; scenario rows added after the others; margin parameters that move only
/// towards more maintenance margin, more buffer, less leverage and shorter life. All else loosens.
interface IRiskRegistry {
    event UnderlyingSet(UnderlyingId indexed underlying, Underlying value, uint32 version);
    event AssetSet(uint32 indexed eid, address indexed token, Asset value, uint32 version);
    event InstrumentSet(InstrumentId indexed instrument, Instrument value, uint32 version);
    event VaultSet(uint32 indexed eid, address indexed vault, uint32 version);
    event ConsumerSet(uint32 indexed eid, address indexed consumer, bool active, uint32 version);
    event ScenarioSetSet(ScenarioSet value, uint32 version);
    event MarginParametersSet(MarginParameters value, uint32 version);
    event Sealed();
    /// @dev `change` is the calldata of the setter; it can be executed from `eta` on.
    event ChangeQueued(bytes32 indexed id, bytes change, uint64 eta);
    event ChangeCancelled(bytes32 indexed id);

    error OutOfBounds(string what);
    error UnknownUnderlying(UnderlyingId underlying);
    error InstrumentIsImmutable(InstrumentId instrument);
    error VaultIsImmutable(uint32 eid);
    error NotQueued(bytes32 id);
    error TooEarly(uint64 eta);

    /// @dev Every setter: only the owner. Once sealed a loosening is not applied but queued, with ChangeQueued.
    function setUnderlying(UnderlyingId underlying, Underlying calldata value) external;
    function setAsset(uint32 eid, address token, Asset calldata value) external;
    /// @notice Of an instrument that exists only the charge may change.
    function setInstrument(InstrumentId instrument, Instrument calldata value) external;
    /// @notice One vault a chain, named once.
    function setVault(uint32 eid, address vault) external;
    function setConsumer(uint32 eid, address consumer, bool active) external;
    /// @notice The columns are all known underlyings, so that none goes without stress: name underlyings first.
    function setScenarioSet(ScenarioSet calldata value) external;
    function setMarginParameters(MarginParameters calldata value) external;

    /// @notice Ends the free set-up. Not to be undone. Needs margin parameters, and scenarios for every underlying.
    function seal() external;
    /// @notice Executes a queued change; anyone may, once its time has come.
    function execute(bytes calldata change) external;
    function cancel(bytes32 id) external;

    function version() external view returns (uint32);

    /// @notice How long a loosening waits once sealed.
    function timelockSeconds() external view returns (uint32);

    function isSealed() external view returns (bool);

    /// @notice From when a queued change, named by the keccak256 of its calldata, can be executed; 0 if not queued.
    function eta(bytes32 id) external view returns (uint64);

    function underlying(UnderlyingId id) external view returns (Underlying memory);

    function asset(uint32 eid, address token) external view returns (Asset memory);

    function instrument(InstrumentId id) external view returns (Instrument memory);

    function vault(uint32 eid) external view returns (address);

    function consumerActive(uint32 eid, address consumer) external view returns (bool);

    function scenarioSet() external view returns (ScenarioSet memory);

    function marginParameters() external view returns (MarginParameters memory);
}
