// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {OAppCore} from "@layerzerolabs/oapp-evm/contracts/oapp/OAppCore.sol";
import {OAppReceiver, Origin} from "@layerzerolabs/oapp-evm/contracts/oapp/OAppReceiver.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {MerkleProofLib} from "solady/utils/MerkleProofLib.sol";
import {ISolvencyAttestations} from "./interfaces/ISolvencyAttestations.sol";
import {OperatorSet} from "./interfaces/IOperatorRegistry.sol";
import {AttestationHash} from "./libraries/AttestationHash.sol";
import {LeafHash} from "./libraries/LeafHash.sol";
import {OperatorSetStore} from "./libraries/OperatorSetStore.sol";
import {Attestation, Header} from "./types/Attestation.sol";

/// @notice See ISolvencyAttestations.
contract SolvencyAttestations is ISolvencyAttestations, OAppReceiver {
    /// @dev Everything that `post` reads before the signatures, in one slot: 48 bits hold 8.9 million years.
    struct Newest {
        uint48 epoch;
        uint48 expiresAt;
        address operatorSet;
    }

    struct Previous {
        uint48 validUntil;
        address operatorSet;
    }

    /// @notice How long signers of the previous operator set stay valid after a rotation.
    uint64 public constant PREVIOUS_SET_GRACE_SECONDS = 1 days;
    /// @notice How far ahead of this chain's clock the operators' clocks may be.
    uint64 public constant MAX_CLOCK_SKEW_SECONDS = 120;
    /// @notice The most from issue to expiry: as much as the risk registry takes.
    uint64 public constant MOST_LIFETIME_SECONDS = 1 days;

    /// @inheritdoc ISolvencyAttestations
    uint32 public immutable eid;
    /// @inheritdoc ISolvencyAttestations
    bytes32 public immutable domainSeparator;
    /// @inheritdoc ISolvencyAttestations
    address public registry;

    Newest private _newest;
    bytes32 private _chainRoot;
    Previous private _previous;

    /// @param endpoint_ LayerZero's endpoint on this chain; names the chain's eid.
    /// @param owner_ May set peers, the endpoint's configuration and, once, the registry. Trusted: a peer installs sets.
    /// @param domainSalt The deployment's salt, the same on every chain.
    constructor(address endpoint_, address owner_, bytes32 domainSalt) OAppCore(endpoint_, owner_) Ownable(owner_) {
        eid = endpoint.eid();
        domainSeparator = AttestationHash.domainSeparator(domainSalt);
    }

    /// @inheritdoc ISolvencyAttestations
    function setRegistry(address registry_) external onlyOwner {
        if (registry != address(0)) revert RegistryAlreadySet(registry);
        registry = registry_;
        emit RegistrySet(registry_);
    }

    /// @inheritdoc ISolvencyAttestations
    function post(Attestation calldata attestation) external {
        Header calldata header = attestation.header;
        Newest memory current = _newest;
        if (header.epoch <= current.epoch) revert StaleEpoch(header.epoch, current.epoch);
        if (block.timestamp >= header.expiresAt) revert AttestationExpired(header.expiresAt);
        if (header.issuedAt > block.timestamp + MAX_CLOCK_SKEW_SECONDS) revert IssuedInFuture(header.issuedAt);
        // No faster than one a second: no quorum can use up the epoch numbers, and a later one can always go on.
        if (header.epoch > header.issuedAt) revert EpochAheadOfTime(header.epoch, header.issuedAt);
        // Nor keep exits shut by signing once: for that it has to go on.
        if (header.expiresAt > header.issuedAt + MOST_LIFETIME_SECONDS) revert LifetimeTooLong(MOST_LIFETIME_SECONDS);
        bytes32 subRoot = attestation.chainRoot;
        bytes32 leaf = LeafHash.hashChainRoot(eid, subRoot);
        if (!MerkleProofLib.verifyCalldata(attestation.chainPath, header.root, leaf)) revert InvalidChainPath();

        bytes memory set = _setFor(header.operatorSetId, current.operatorSet);
        _checkQuorum(set, AttestationHash.digest(header, domainSeparator), attestation.signatures);

        current.epoch = uint48(header.epoch);
        current.expiresAt = uint48(header.expiresAt);
        _newest = current;
        _chainRoot = subRoot;
        emit AttestationPosted(header.epoch, header.root, subRoot, header.expiresAt);
    }

    /// @inheritdoc ISolvencyAttestations
    function installLocal(OperatorSet calldata set) external {
        if (msg.sender != registry) revert OnlyRegistry(msg.sender);
        _install(set);
    }

    /// @inheritdoc ISolvencyAttestations
    function newest() external view returns (uint64 epoch, bytes32 chainRoot, uint64 expiresAt) {
        epoch = _newest.epoch;
        if (epoch == 0) revert NoAttestation();
        expiresAt = _newest.expiresAt;
        chainRoot = _chainRoot;
    }

    /// @inheritdoc ISolvencyAttestations
    function digest(Header calldata header) external view returns (bytes32) {
        return AttestationHash.digest(header, domainSeparator);
    }

    /// @inheritdoc ISolvencyAttestations
    function operatorSet() external view returns (OperatorSet memory set, uint64 previousValidUntil) {
        address stored = _newest.operatorSet;
        if (stored != address(0)) set = OperatorSetStore.decode(OperatorSetStore.read(stored));
        previousValidUntil = _previous.validUntil;
    }

    /// @dev A set that does not decode or breaks a rule reverts, and its message stays undelivered. That blocks no
    /// other: `nextNonce` is 0, so LayerZero delivers in any order.
    function _lzReceive(Origin calldata, bytes32, bytes calldata message, address, bytes calldata) internal override {
        _install(abi.decode(message, (OperatorSet)));
    }

    function _install(OperatorSet memory set) private {
        address current = _newest.operatorSet;
        if (current != address(0)) {
            uint32 currentId = OperatorSetStore.id(OperatorSetStore.read(current));
            if (set.id <= currentId) {
                emit OperatorSetIgnored(set.id, currentId);
                return;
            }
            _previous = Previous(SafeCast.toUint48(block.timestamp + PREVIOUS_SET_GRACE_SECONDS), current);
        }
        _newest.operatorSet = OperatorSetStore.write(set);
        emit OperatorSetInstalled(set.id, set.threshold, set.members);
    }

    function _setFor(uint32 id, address current) private view returns (bytes memory set) {
        if (current == address(0)) revert UnknownOperatorSet(id);
        set = OperatorSetStore.read(current);
        if (OperatorSetStore.id(set) == id) return set;

        Previous memory previous = _previous;
        if (block.timestamp >= previous.validUntil) revert UnknownOperatorSet(id);
        set = OperatorSetStore.read(previous.operatorSet);
        if (OperatorSetStore.id(set) != id) revert UnknownOperatorSet(id);
    }

    /// @dev Signers and members both ascend, so one walk along the members finds every signer.
    function _checkQuorum(bytes memory set, bytes32 hash, bytes calldata signatures) private pure {
        uint256 given = signatures.length / 65;
        if (signatures.length % 65 != 0) revert InvalidSignature(given);
        uint256 threshold = OperatorSetStore.threshold(set);
        if (given < threshold) revert TooFewSignatures(given, threshold);

        uint256 memberCount = OperatorSetStore.memberCount(set);
        uint256 next;
        address last;
        for (uint256 i; i < given; ++i) {
            address signer = _recover(hash, signatures, i);
            if (signer <= last) revert SignersNotAscending(i);
            while (next < memberCount && OperatorSetStore.member(set, next) < signer) ++next;
            if (next == memberCount || OperatorSetStore.member(set, next) != signer) revert NotAMember(signer);
            last = signer;
        }
    }

    /// @dev Low s and v 27 or 28 only, so that a signature has one form; never the zero address.
    function _recover(bytes32 hash, bytes calldata signatures, uint256 index) private pure returns (address signer) {
        bytes32 r;
        bytes32 s;
        uint8 v;
        assembly ("memory-safe") {
            let offset := add(signatures.offset, mul(index, 65))
            r := calldataload(offset)
            s := calldataload(add(offset, 32))
            v := byte(0, calldataload(add(offset, 64)))
        }
        if (uint256(s) > 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0) {
            revert InvalidSignature(index);
        }
        // The precompile answers nothing, hence zero, for any v but 27 and 28.
        signer = ecrecover(hash, v, r, s);
        if (signer == address(0)) revert InvalidSignature(index);
    }
}
