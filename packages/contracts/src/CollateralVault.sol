// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {OAppCore} from "@layerzerolabs/oapp-evm/contracts/oapp/OAppCore.sol";
import {MessagingFee, OAppSender} from "@layerzerolabs/oapp-evm/contracts/oapp/OAppSender.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC20, SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {MerkleProofLib} from "solady/utils/MerkleProofLib.sol";
import {ICollateralLedger} from "./interfaces/ICollateralLedger.sol";
import {AssetTotals, ICollateralVault} from "./interfaces/ICollateralVault.sol";
import {ISolvencyAttestations} from "./interfaces/ISolvencyAttestations.sol";
import {LeafHash} from "./libraries/LeafHash.sol";
import {OutflowLimiter} from "./libraries/OutflowLimiter.sol";
import {ReceiveGas} from "./libraries/ReceiveGas.sol";
import {AccountId} from "./types/Ids.sol";
import {WithdrawalLeaf} from "./types/Leaves.sol";

/// @notice See ICollateralVault.
contract CollateralVault is ICollateralVault, OAppSender, ReentrancyGuardTransient {
    using OutflowLimiter for OutflowLimiter.Bucket;
    using ReceiveGas for ReceiveGas.Schedule;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    struct Totals {
        uint128 deposited;
        uint128 withdrawn;
    }

    /// @dev A report carries every asset of an account, so their number bounds its gas on the hub.
    uint256 private constant MOST_ASSETS = 16;

    uint32 public immutable hubEid;
    ISolvencyAttestations public immutable attestations;
    /// @notice The hub's ledger where this chain is the hub, else zero.
    ICollateralLedger public immutable localLedger;

    /// @inheritdoc ICollateralVault
    mapping(AccountId => mapping(address asset => Totals)) public totals;
    /// @inheritdoc ICollateralVault
    mapping(AccountId => mapping(address asset => uint128)) public requestedTotal;
    /// @inheritdoc ICollateralVault
    mapping(AccountId => uint64) public sequence;

    address[] private _assets;
    mapping(address asset => OutflowLimiter.Bucket) private _outflow;
    ReceiveGas.Schedule private _receiveGas = ReceiveGas.Schedule({base: 100_000, perItem: 32_000});

    modifier onlyListed(address asset) {
        if (_outflow[asset].capacity == 0) revert AssetNotListed(asset);
        _;
    }

    /// @param endpoint_ LayerZero's endpoint on this chain.
    /// @param owner_ Lists assets, sets the peer (the hub's ledger, under `hubEid_`) and the gas of reports.
    /// @param hubEid_ The hub.
    /// @param attestations_ This chain's SolvencyAttestations.
    /// @param localLedger_ The hub's CollateralLedger if this chain is the hub, else zero.
    constructor(address endpoint_, address owner_, uint32 hubEid_, address attestations_, address localLedger_)
        OAppCore(endpoint_, owner_)
        Ownable(owner_)
    {
        if ((endpoint.eid() == hubEid_) != (localLedger_ != address(0))) revert LocalLedgerMismatch();
        hubEid = hubEid_;
        attestations = ISolvencyAttestations(attestations_);
        localLedger = ICollateralLedger(localLedger_);
    }

    /// @inheritdoc ICollateralVault
    function deposit(AccountId account, address asset, uint256 amount) external payable nonReentrant onlyListed(asset) {
        uint256 balanceBefore = IERC20(asset).balanceOf(address(this));
        IERC20(asset).safeTransferFrom(msg.sender, address(this), amount);
        uint128 received = (IERC20(asset).balanceOf(address(this)) - balanceBefore).toUint128();
        if (received == 0) revert ZeroAmount();

        uint128 deposited = totals[account][asset].deposited + received;
        totals[account][asset].deposited = deposited;
        emit Deposited(account, asset, msg.sender, received, deposited, ++sequence[account]);
        _reportIfPaid(account);
    }

    /// @inheritdoc ICollateralVault
    function report(AccountId account) external payable nonReentrant {
        if (sequence[account] == 0) revert NothingToReport(account);
        _report(account);
    }

    /// @inheritdoc ICollateralVault
    function requestWithdrawal(AccountId account, address asset, uint256 amount) external onlyListed(asset) {
        if (msg.sender != account.ownerOf()) revert NotAccountOwner(account, msg.sender);
        uint128 capacity = _outflow[asset].capacity;
        if (amount > capacity) revert OutflowLimited(asset, capacity, amount);
        uint128 newTotal = totals[account][asset].withdrawn + amount.toUint128();
        requestedTotal[account][asset] = newTotal;
        emit WithdrawalRequested(account, asset, newTotal);
    }

    /// @inheritdoc ICollateralVault
    function claimWithdrawal(WithdrawalLeaf calldata leaf, bytes32[] calldata proof)
        external
        payable
        nonReentrant
        onlyListed(leaf.asset)
    {
        if (leaf.vault != address(this)) revert WrongVault(leaf.vault);
        (uint64 epoch, bytes32 chainRoot,) = attestations.newest();
        if (!MerkleProofLib.verifyCalldata(proof, chainRoot, LeafHash.hashWithdrawal(leaf))) {
            revert InvalidWithdrawalProof(leaf.account, epoch);
        }
        _pay(leaf.account, leaf.asset, leaf.approvedTotal);
        _reportIfPaid(leaf.account);
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
    function setReceiveGas(uint64 base, uint64 perAsset) external onlyOwner {
        _receiveGas.set(base, perAsset);
    }

    /// @inheritdoc ICollateralVault
    function quoteReport(AccountId account) external view returns (MessagingFee memory fee) {
        if (address(localLedger) != address(0)) return fee;
        AssetTotals[] memory held = _totalsOf(account);
        // Room for one asset more: the deposit that this fee is to pay for may bring a new one.
        uint256 count = held.length < _assets.length ? held.length + 1 : held.length;
        bytes memory message = abi.encode(account, sequence[account], new AssetTotals[](count));
        return _quote(hubEid, message, _receiveGas.options(count), false);
    }

    /// @inheritdoc ICollateralVault
    function outflowAvailable(address asset) external view returns (uint256) {
        return _outflow[asset].available();
    }

    /// @inheritdoc ICollateralVault
    function assets() external view returns (address[] memory) {
        return _assets;
    }

    function _pay(AccountId account, address asset, uint128 approvedTotal) private {
        Totals storage total = totals[account][asset];
        uint128 withdrawn = total.withdrawn;
        if (approvedTotal <= withdrawn) revert NothingToClaim(account, asset);
        // Whatever the operators sign, no account is paid out of another's deposits.
        if (approvedTotal > total.deposited) revert BeyondDeposits(account, asset, total.deposited, approvedTotal);
        uint128 amount = approvedTotal - withdrawn;
        _takeOutflow(asset, amount);
        total.withdrawn = approvedTotal;
        emit Withdrawn(account, asset, account.ownerOf(), amount, approvedTotal, ++sequence[account]);
        IERC20(asset).safeTransfer(account.ownerOf(), amount);
    }

    function _takeOutflow(address asset, uint256 amount) private {
        OutflowLimiter.Bucket storage bucket = _outflow[asset];
        uint256 available = bucket.available();
        if (amount > available) revert OutflowLimited(asset, available, amount);
        bucket.take(amount);
    }

    function _reportIfPaid(AccountId account) private {
        if (msg.value > 0 || address(localLedger) != address(0)) _report(account);
    }

    function _report(AccountId account) private {
        uint64 newest = sequence[account];
        AssetTotals[] memory held = _totalsOf(account);
        bytes32 guid;
        if (address(localLedger) != address(0)) {
            if (msg.value > 0) revert FeeOnLocalReport(msg.value);
            localLedger.recordLocal(account, newest, held);
        } else {
            bytes memory message = abi.encode(account, newest, held);
            bytes memory options = _receiveGas.options(held.length);
            // The whole value goes to the endpoint, which returns what the message does not cost to the caller.
            guid = _lzSend(hubEid, message, options, MessagingFee(msg.value, 0), msg.sender).guid;
        }
        emit Reported(account, newest, guid);
    }

    /// @dev Every asset that the account ever deposited.
    function _totalsOf(AccountId account) private view returns (AssetTotals[] memory held) {
        uint256 listed = _assets.length;
        held = new AssetTotals[](listed);
        uint256 count;
        for (uint256 i; i < listed; ++i) {
            address asset = _assets[i];
            Totals memory total = totals[account][asset];
            if (total.deposited > 0) held[count++] = AssetTotals(asset, total.deposited, total.withdrawn);
        }
        assembly ("memory-safe") {
            mstore(held, count)
        }
    }
}
