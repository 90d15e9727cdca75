// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Attestation, Header} from "../types/Attestation.sol";
import {OperatorSet} from "./IOperatorRegistry.sol";

/// @title The newest attested epoch on one chain
/// @notice Posting is permissionless: the signatures are what counts. Signers of the previous operator set stay valid for
/// a day after a rotation; a header may be issued at most two minutes ahead of this chain's clock, and the number of its
/// epoch is at most the second of its issue.
interface ISolvencyAttestations {
    event AttestationPosted(uint64 indexed epoch, bytes32 root, bytes32 chainRoot, uint64 expiresAt);
    event RegistrySet(address registry);
    event OperatorSetInstalled(uint32 indexed id, uint8 threshold, address[] members);
    /// @dev An older set arrived after a newer one. Changes nothing.
    event OperatorSetIgnored(uint32 indexed id, uint32 newest);

    error StaleEpoch(uint64 epoch, uint64 newest);
    error AttestationExpired(uint64 expiresAt);
    error IssuedInFuture(uint64 issuedAt);
    error UnknownOperatorSet(uint32 id);
    error TooFewSignatures(uint256 given, uint256 threshold);
    error InvalidSignature(uint256 index);
    error SignersNotAscending(uint256 index);
    error NotAMember(address signer);
    error InvalidChainPath();
    error NoAttestation();
    error OnlyRegistry(address caller);
    error RegistryAlreadySet(address registry);
    /// @dev An epoch's number is at most the second at which it was issued.
    error EpochAheadOfTime(uint64 epoch, uint64 issuedAt);
    /// @dev It would be relied on, and would keep exits shut, for longer than anybody can register.
    error LifetimeTooLong(uint64 mostSeconds);

    /// @notice Checks signatures and path, and makes the epoch this chain's newest.
    function post(Attestation calldata attestation) external;

    /// @notice The hub's registry installs sets by this call; on other chains they arrive over LayerZero.
    function installLocal(OperatorSet calldata set) external;

    /// @notice Names the hub's OperatorRegistry. Only the owner, once; not called on other chains.
    function setRegistry(address registry) external;

    /// @notice The hub's OperatorRegistry; zero on other chains.
    function registry() external view returns (address);

    /// @notice EIP-712 domain separator: a deployment salt, no chain id.
    function domainSeparator() external view returns (bytes32);

    /// @notice The newest posted epoch. Reverts with NoAttestation if there is none.
    function newest() external view returns (uint64 epoch, bytes32 chainRoot, uint64 expiresAt);

    /// @notice EIP-712 digest that operators sign.
    function digest(Header calldata header) external view returns (bytes32);

    /// @notice The set in force. The one before it stays valid until `previousValidUntil`.
    function operatorSet() external view returns (OperatorSet memory set, uint64 previousValidUntil);

    function eid() external view returns (uint32);
}
