// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {InstrumentId, UnderlyingId} from "../types/Ids.sol";
import {
    Asset,
    ExpiryTerms,
    Funding,
    Instrument,
    Listed,
    MarginParameters,
    ScenarioSet,
    Underlying,
    VolatilityPolicy
} from "../types/Risk.sol";

/// @title What counts as collateral, what may be traded, and how it is stressed
/// @notice On the hub. Every change raises `version`. Until `seal` is called the owner sets up freely; afterwards a
/// change that loosens risk waits for the timelock and one that tightens it does not. Hard bounds on every value hold
/// always; see RiskBounds. A change counts as tightening only if it can do nothing but lower what accounts may do; see
/// Tightening. All else loosens, but for one thing: an expiry's rates and smile are marks, which neither loosen nor
/// tighten, and must follow the market. They may move at once by a small step, once an hour; a larger move waits.
///
/// A queued change is void once the same value has changed in the meantime, and lapses two weeks after its time: what
/// was tightened since cannot be undone by a forgotten loosening.
interface IRiskRegistry {
    event UnderlyingSet(UnderlyingId indexed underlying, Underlying value, uint32 version);
    event VolatilityPolicySet(UnderlyingId indexed underlying, VolatilityPolicy value, uint32 version);
    event ExpirySet(UnderlyingId indexed underlying, uint64 indexed expiry, ExpiryTerms value, uint32 version);
    event AssetSet(uint32 indexed eid, address indexed token, Asset value, uint32 version);
    event InstrumentSet(InstrumentId indexed instrument, Instrument value, uint32 version);
    event FundingSet(InstrumentId indexed instrument, Funding value, uint32 version);
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
    error UnknownExpiry(UnderlyingId underlying, uint64 expiry);
    error UnknownInstrument(InstrumentId instrument);
    error InstrumentIsImmutable(InstrumentId instrument);
    error VaultIsImmutable(uint32 eid);
    error NotQueued(bytes32 id);
    error TooEarly(uint64 eta);
    /// @dev The value has changed since the change was queued. Queue it again.
    error Superseded(bytes32 id);
    error Lapsed(uint64 end);

    /// @dev Every setter: only the owner. Once sealed a loosening is not applied but queued, with ChangeQueued.
    function setUnderlying(UnderlyingId underlying, Underlying calldata value) external;
    function setVolatilityPolicy(UnderlyingId underlying, VolatilityPolicy calldata value) external;
    /// @notice Also what dated instruments need before they can be registered. Not to be changed once it has passed.
    /// @dev That smiles cannot be traded against each other for nothing is not checked here: it takes more than a
    /// contract can afford. Operators check it: options of an expiry that is refused are reduce-only.
    function setExpiry(UnderlyingId underlying, uint64 expiry, ExpiryTerms calldata value) external;
    function setAsset(uint32 eid, address token, Asset calldata value) external;
    /// @notice Of an instrument that exists only the charges may change.
    function setInstrument(InstrumentId instrument, Instrument calldata value) external;
    /// @notice Only of perpetuals.
    function setFunding(InstrumentId instrument, Funding calldata value) external;
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

    /// @notice The version in which a value was set last; 0 if never.
    /// @param slot keccak256 of its setter's selector and its key, one word each: what `setAsset(eid, token, ...)` set is
    /// `keccak256(abi.encode(setAsset.selector, eid, token))`.
    function changedIn(bytes32 slot) external view returns (uint32);

    /// @notice How long a loosening waits once sealed.
    function timelockSeconds() external view returns (uint32);

    function isSealed() external view returns (bool);

    /// @notice From when a queued change, named by the keccak256 of its calldata, can be executed; 0 if not queued.
    function eta(bytes32 id) external view returns (uint64);

    function underlying(UnderlyingId id) external view returns (Underlying memory);

    function volatilityPolicy(UnderlyingId id) external view returns (VolatilityPolicy memory);

    function expiry(UnderlyingId id, uint64 expirySeconds) external view returns (ExpiryTerms memory);

    function asset(uint32 eid, address token) external view returns (Asset memory);

    function instrument(InstrumentId id) external view returns (Instrument memory);

    function funding(InstrumentId id) external view returns (Funding memory);

    function vault(uint32 eid) external view returns (address);

    function consumerActive(uint32 eid, address consumer) external view returns (bool);

    /// @notice Every asset that was ever set, in the order in which they came: an entry never changes nor goes.
    function assets() external view returns (Listed[] memory);

    /// @notice Every consumer that was ever set, active or not, likewise.
    function consumers() external view returns (Listed[] memory);

    function scenarioSet() external view returns (ScenarioSet memory);

    function marginParameters() external view returns (MarginParameters memory);
}
