// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20, SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {MerkleProofLib} from "solady/utils/MerkleProofLib.sol";
import {ICollateralLedger} from "./interfaces/ICollateralLedger.sol";
import {Bond, IOperatorBonds} from "./interfaces/IOperatorBonds.sol";
import {IOperatorRegistry} from "./interfaces/IOperatorRegistry.sol";
import {IRiskRegistry} from "./interfaces/IRiskRegistry.sol";
import {ISolvencyAttestations} from "./interfaces/ISolvencyAttestations.sol";
import {LeafHash} from "./libraries/LeafHash.sol";
import {OverAllotment} from "./libraries/OverAllotment.sol";
import {CutBlock, Header} from "./types/Attestation.sol";
import {AccountId} from "./types/Ids.sol";
import {WithdrawalLeaf} from "./types/Leaves.sol";
import {FeedRounds, ProvenAllotment} from "./types/OverAllotment.sol";

/// @param token What bonds are in.
/// @param registry The hub's operator registry, whose `setBonds` then names this contract.
/// @param ledger The hub's ledger.
/// @param risk The hub's risk registry.
/// @param beneficiary Gets what the reporter does not.
/// @param leastBond What a member has to have staked.
/// @param unbondingSeconds How long a bond can be slashed after it was asked back: a week to a year.
struct BondConfig {
    IERC20 token;
    IOperatorRegistry registry;
    ICollateralLedger ledger;
    IRiskRegistry risk;
    address beneficiary;
    uint128 leastBond;
    uint64 unbondingSeconds;
}

/// @notice See IOperatorBonds.
contract OperatorBonds is IOperatorBonds, ReentrancyGuardTransient {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @notice The reporter's share of a bond.
    uint128 public constant REWARD_BPS = 2_000;
    uint64 public constant LEAST_UNBONDING_SECONDS = 7 days;
    uint64 public constant MOST_UNBONDING_SECONDS = 365 days;

    IERC20 public immutable token;
    IOperatorRegistry public immutable registry;
    ISolvencyAttestations public immutable attestations;
    ICollateralLedger public immutable ledger;
    IRiskRegistry public immutable risk;
    address public immutable beneficiary;
    /// @inheritdoc IOperatorBonds
    uint128 public immutable leastBond;
    /// @inheritdoc IOperatorBonds
    uint64 public immutable unbondingSeconds;

    mapping(address operator => Bond) private _bonds;

    constructor(BondConfig memory config) {
        if (config.unbondingSeconds < LEAST_UNBONDING_SECONDS || config.unbondingSeconds > MOST_UNBONDING_SECONDS) {
            revert UnbondingOutOfBounds(LEAST_UNBONDING_SECONDS, MOST_UNBONDING_SECONDS);
        }
        if (config.beneficiary == address(0)) revert ZeroBeneficiary();
        token = config.token;
        registry = config.registry;
        attestations = config.registry.localAttestations();
        ledger = config.ledger;
        risk = config.risk;
        beneficiary = config.beneficiary;
        leastBond = config.leastBond;
        unbondingSeconds = config.unbondingSeconds;
    }

    /// @inheritdoc IOperatorBonds
    function stake(uint128 amount) external nonReentrant {
        Bond storage bond = _bonds[msg.sender];
        if (bond.expelled) revert Expelled(msg.sender);
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint128 received = (token.balanceOf(address(this)) - before).toUint128();
        if (received == 0) revert ZeroAmount();
        bond.staked += received;
        emit Staked(msg.sender, received, bond.staked);
    }

    /// @inheritdoc IOperatorBonds
    function requestUnstake(uint128 amount) external {
        if (amount == 0) revert ZeroAmount();
        Bond storage bond = _bonds[msg.sender];
        uint128 least = _isMember(msg.sender) ? leastBond : 0;
        if (bond.staked < amount || bond.staked - amount < least) revert BondTooSmall(msg.sender, bond.staked, least);
        bond.staked -= amount;
        bond.leaving += amount;
        bond.leavesAt = uint64(block.timestamp) + unbondingSeconds;
        emit UnstakeRequested(msg.sender, amount, bond.leavesAt);
    }

    /// @inheritdoc IOperatorBonds
    function unstake(address to) external nonReentrant {
        Bond storage bond = _bonds[msg.sender];
        uint128 amount = bond.leaving;
        if (amount == 0) revert NothingLeaving(msg.sender);
        if (block.timestamp < bond.leavesAt) revert StillBonded(bond.leavesAt);
        bond.leaving = 0;
        emit Unstaked(msg.sender, to, amount);
        token.safeTransfer(to, amount);
    }

    /// @inheritdoc IOperatorBonds
    function proveEquivocation(
        Header calldata first,
        bytes calldata firstSignature,
        Header calldata second,
        bytes calldata secondSignature
    ) external nonReentrant {
        bytes32 firstDigest = attestations.digest(first);
        bytes32 secondDigest = attestations.digest(second);
        if (first.epoch != second.epoch || firstDigest == secondDigest) revert NotEquivocation();
        address signer = ECDSA.recover(firstDigest, firstSignature);
        address other = ECDSA.recover(secondDigest, secondSignature);
        if (signer != other) revert DifferentSigners(signer, other);
        _slash(signer);
    }

    /// @inheritdoc IOperatorBonds
    function proveOverApproval(
        Header calldata header,
        bytes[] calldata signatures,
        uint32 eid,
        bytes32 chainRoot,
        bytes32[] calldata chainPath,
        WithdrawalLeaf calldata leaf,
        bytes32[] calldata proof
    ) external nonReentrant {
        if (
            !MerkleProofLib.verifyCalldata(chainPath, header.root, LeafHash.hashChainRoot(eid, chainRoot))
                || !MerkleProofLib.verifyCalldata(proof, chainRoot, LeafHash.hashWithdrawal(leaf))
        ) revert InvalidProof();
        (uint128 deposited,) = ledger.totals(eid, leaf.account, leaf.asset);
        if (leaf.approvedTotal <= deposited) revert NotOverApproved(leaf.approvedTotal, deposited);
        _slashSigners(header, signatures);
    }

    /// @inheritdoc IOperatorBonds
    function proveOverAllotment(
        Header calldata header,
        bytes[] calldata signatures,
        CutBlock[] calldata cut,
        ProvenAllotment[] calldata allotments,
        FeedRounds[] calldata rounds
    ) external nonReentrant {
        int256 allotted = OverAllotment.sum(risk, header, allotments);
        uint64 cutAt = OverAllotment.hubTime(header.cutHash, cut, ledger.eid());
        AccountId account = allotments[0].leaf.account;
        uint256 worth = OverAllotment.mostWorth(risk, ledger, header, cutAt, account, rounds);
        if (allotted <= worth.toInt256()) revert NotOverAllotted(allotted, worth);
        _slashSigners(header, signatures);
    }

    /// @inheritdoc IOperatorBonds
    function checkBonded(address[] calldata operators) external view {
        for (uint256 i; i < operators.length; ++i) {
            Bond storage bond = _bonds[operators[i]];
            if (bond.expelled) revert Expelled(operators[i]);
            if (bond.staked < leastBond) revert BondTooSmall(operators[i], bond.staked, leastBond);
        }
    }

    /// @inheritdoc IOperatorBonds
    function bondOf(address operator) external view returns (Bond memory) {
        return _bonds[operator];
    }

    function _slashSigners(Header calldata header, bytes[] calldata signatures) private {
        bytes32 digest = attestations.digest(header);
        for (uint256 i; i < signatures.length; ++i) {
            _slash(ECDSA.recover(digest, signatures[i]));
        }
    }

    function _slash(address operator) private {
        Bond storage bond = _bonds[operator];
        uint128 amount = bond.staked + bond.leaving;
        bool removed = registry.removeMember(operator);
        if (amount == 0 && !removed) revert NothingToSlash(operator);
        (bond.staked, bond.leaving, bond.expelled) = (0, 0, true);
        uint128 reward = amount * REWARD_BPS / 10_000;
        emit Slashed(operator, msg.sender, amount, reward, removed);
        token.safeTransfer(msg.sender, reward);
        token.safeTransfer(beneficiary, amount - reward);
    }

    function _isMember(address operator) private view returns (bool) {
        address[] memory members = registry.current().members;
        for (uint256 i; i < members.length; ++i) {
            if (members[i] == operator) return true;
        }
        return false;
    }
}
