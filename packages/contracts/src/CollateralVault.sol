// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {OAppCore} from "@layerzerolabs/oapp-evm/contracts/oapp/OAppCore.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC20, SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {MerkleProofLib} from "solady/utils/MerkleProofLib.sol";
import {ICollateralVault, Permit} from "./interfaces/ICollateralVault.sol";
import {ISolvencyAttestations} from "./interfaces/ISolvencyAttestations.sol";
import {IWrappedNative} from "./interfaces/IWrappedNative.sol";
import {LeafHash} from "./libraries/LeafHash.sol";
import {OutflowLimiter} from "./libraries/OutflowLimiter.sol";
import {AccountId} from "./types/Ids.sol";
import {WithdrawalLeaf} from "./types/Leaves.sol";
import {VaultPause} from "./vault/VaultPause.sol";
import {VaultReports} from "./vault/VaultReports.sol";
import {VaultRequests} from "./vault/VaultRequests.sol";

/// @param hubEid The hub.
/// @param attestations This chain's SolvencyAttestations.
/// @param localLedger The hub's CollateralLedger if this chain is the hub, else zero.
/// @param wrappedNative The chain's wrapped native token, or zero.
/// @param exitDelaySeconds How long after the newest attestation's expiry exits open: an hour to thirty days.
struct VaultConfig {
    uint32 hubEid;
    address attestations;
    address localLedger;
    address wrappedNative;
    uint64 exitDelaySeconds;
}

/// @notice See ICollateralVault.
contract CollateralVault is VaultReports, VaultRequests, VaultPause {
    using OutflowLimiter for OutflowLimiter.Bucket;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    uint256 private constant LEAST_EXIT_DELAY = 1 hours;
    uint256 private constant MOST_EXIT_DELAY = 30 days;

    ISolvencyAttestations public immutable attestations;
    /// @inheritdoc ICollateralVault
    address public immutable wrappedNative;
    /// @inheritdoc ICollateralVault
    uint64 public immutable exitDelaySeconds;

    mapping(address asset => OutflowLimiter.Bucket) private _outflow;

    /// @param endpoint_ LayerZero's endpoint on this chain.
    /// @param owner_ Lists assets, pauses, sets the peer (the hub's ledger, under `hubEid`) and the gas of reports.
    constructor(address endpoint_, address owner_, VaultConfig memory config)
        OAppCore(endpoint_, owner_)
        Ownable(owner_)
        VaultReports(config.hubEid, config.localLedger)
    {
        if (config.exitDelaySeconds < LEAST_EXIT_DELAY || config.exitDelaySeconds > MOST_EXIT_DELAY) {
            revert ExitDelayOutOfBounds(LEAST_EXIT_DELAY, MOST_EXIT_DELAY);
        }
        attestations = ISolvencyAttestations(config.attestations);
        wrappedNative = config.wrappedNative;
        exitDelaySeconds = config.exitDelaySeconds;
    }

    /// @dev The wrapper pays when the vault unwraps.
    receive() external payable {
        if (msg.sender != wrappedNative) revert UnexpectedEther();
    }

    /// @inheritdoc ICollateralVault
    function deposit(AccountId account, address asset, uint256 amount) external payable nonReentrant {
        _deposit(account, asset, amount);
    }

    /// @inheritdoc ICollateralVault
    function depositWithPermit(AccountId account, address asset, uint256 amount, Permit calldata permit)
        external
        payable
        nonReentrant
    {
        _requireListed(asset);
        try IERC20Permit(asset)
            .permit(msg.sender, address(this), amount, permit.deadline, permit.v, permit.r, permit.s) {}
            catch {} // used already, perhaps by somebody else: then the allowance is there
        _deposit(account, asset, amount);
    }

    /// @inheritdoc ICollateralVault
    function depositNative(AccountId account, uint256 amount) external payable nonReentrant whenDepositsOpen {
        address asset = wrappedNative;
        _requireListed(asset);
        if (msg.value < amount) revert ValueBelowAmount(msg.value, amount);
        uint256 before = IERC20(asset).balanceOf(address(this));
        IWrappedNative(asset).deposit{value: amount}();
        _credit(account, asset, before);
        _reportIfPaid(account, msg.value - amount);
    }

    /// @inheritdoc ICollateralVault
    function claimWithdrawal(WithdrawalLeaf calldata leaf, bytes32[] calldata proof) external payable nonReentrant {
        _prove(leaf, proof);
        _pay(leaf.account, leaf.asset, leaf.approvedTotal);
    }

    /// @inheritdoc ICollateralVault
    function claimExit(WithdrawalLeaf calldata leaf, bytes32[] calldata proof) external payable nonReentrant {
        uint256 opensAt = exitOpensAt();
        if (block.timestamp < opensAt) revert ExitNotOpen(opensAt);
        _prove(leaf, proof);
        uint128 requested = requestedTotal[leaf.account][leaf.asset];
        _pay(leaf.account, leaf.asset, requested < leaf.exitTotal ? requested : leaf.exitTotal);
    }

    /// @inheritdoc ICollateralVault
    function listAsset(address asset, uint128 outflowCapacity, uint128 outflowRefillPerSecond) external onlyOwner {
        if (_outflow[asset].capacity != 0) revert AssetAlreadyListed(asset);
        if (_assets.length == MOST_ASSETS) revert TooManyAssets(MOST_ASSETS);
        if (outflowCapacity == 0 || outflowRefillPerSecond == 0) revert ZeroAmount();
        _assets.push(asset);
        _outflow[asset] = OutflowLimiter.create(outflowCapacity, outflowRefillPerSecond);
        emit AssetListed(asset, outflowCapacity, outflowRefillPerSecond);
    }

    /// @inheritdoc ICollateralVault
    function exitOpensAt() public view returns (uint256) {
        (,, uint64 expiresAt) = attestations.newest();
        return uint256(expiresAt) + exitDelaySeconds;
    }

    /// @inheritdoc ICollateralVault
    function outflowAvailable(address asset) external view returns (uint256) {
        return _outflow[asset].available();
    }

    function _deposit(AccountId account, address asset, uint256 amount) private whenDepositsOpen {
        _requireListed(asset);
        uint256 before = IERC20(asset).balanceOf(address(this));
        IERC20(asset).safeTransferFrom(msg.sender, address(this), amount);
        _credit(account, asset, before);
        _reportIfPaid(account, msg.value);
    }

    /// @dev What arrived since the balance was `before`.
    function _credit(AccountId account, address asset, uint256 before) private {
        uint128 received = (IERC20(asset).balanceOf(address(this)) - before).toUint128();
        if (received == 0) revert ZeroAmount();
        uint128 deposited = totals[account][asset].deposited + received;
        totals[account][asset].deposited = deposited;
        emit Deposited(account, asset, msg.sender, received, deposited, ++sequence[account]);
    }

    function _prove(WithdrawalLeaf calldata leaf, bytes32[] calldata proof) private view whenClaimsOpen {
        _requireListed(leaf.asset);
        if (leaf.vault != address(this)) revert WrongVault(leaf.vault);
        (uint64 epoch, bytes32 chainRoot,) = attestations.newest();
        if (!MerkleProofLib.verifyCalldata(proof, chainRoot, LeafHash.hashWithdrawal(leaf))) {
            revert InvalidWithdrawalProof(leaf.account, epoch);
        }
    }

    /// @dev Pays up to `most` in all, as much as the limiter lets go, and reports.
    function _pay(AccountId account, address asset, uint128 most) private {
        Totals storage total = totals[account][asset];
        uint128 withdrawn = total.withdrawn;
        if (most <= withdrawn) revert NothingToClaim(account, asset);
        // Whatever the operators sign, no account is paid out of another's deposits.
        if (most > total.deposited) revert BeyondDeposits(account, asset, total.deposited, most);
        uint128 amount = _takeOutflow(asset, most - withdrawn);
        total.withdrawn = withdrawn + amount;
        _send(account, asset, amount, withdrawn + amount);
        _reportIfPaid(account, msg.value);
    }

    function _send(AccountId account, address asset, uint128 amount, uint128 withdrawn) private {
        (address receiver, bool native) = payoutOf(account);
        emit Withdrawn(account, asset, receiver, amount, withdrawn, ++sequence[account]);
        if (!native || asset != wrappedNative) {
            IERC20(asset).safeTransfer(receiver, amount);
            return;
        }
        IWrappedNative(asset).withdraw(amount);
        (bool sent,) = receiver.call{value: amount}("");
        if (!sent) revert NativeTransferFailed(receiver);
    }

    /// @return taken `wanted`, or what there is.
    function _takeOutflow(address asset, uint128 wanted) private returns (uint128 taken) {
        OutflowLimiter.Bucket storage bucket = _outflow[asset];
        uint256 available = bucket.available();
        if (available == 0) revert OutflowLimited(asset, available, wanted);
        taken = wanted < available ? wanted : available.toUint128();
        bucket.take(taken);
    }

    function _withdrawn(AccountId account, address asset) internal view override returns (uint128) {
        _requireListed(asset);
        return totals[account][asset].withdrawn;
    }

    function _requireListed(address asset) private view {
        if (_outflow[asset].capacity == 0) revert AssetNotListed(asset);
    }
}
