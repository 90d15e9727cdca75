// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MessagingFee} from "@layerzerolabs/oapp-evm/contracts/oapp/OApp.sol";
import {AccountId} from "../types/Ids.sol";
import {WithdrawalLeaf} from "../types/Leaves.sol";

/// @notice Cumulative totals of one asset of one account at one vault. Both only grow.
struct AssetTotals {
    address asset;
    uint128 deposited;
    uint128 withdrawn;
}

/// @notice An ERC-2612 permit by the caller, in favour of the vault and of the amount deposited.
struct Permit {
    uint256 deadline;
    uint8 v;
    bytes32 r;
    bytes32 s;
}

/// @title Holds ERC-20 collateral on one chain and reports totals to the hub's ledger
/// @notice Reports are cumulative totals with a sequence number per account, so a lost, repeated or reordered
/// message does no harm and the next one heals the gap. What an owner asks of a vault is in IVaultRequests, what can be
/// paused, and for how long, in IVaultPause.
interface ICollateralVault {
    event AssetListed(address indexed asset, uint128 outflowCapacity, uint128 outflowRefillPerSecond);
    /// @dev `deposited` and `sequence` are the new totals; `amount` is what arrived.
    event Deposited(
        AccountId indexed account,
        address indexed asset,
        address from,
        uint128 amount,
        uint128 deposited,
        uint64 sequence
    );
    /// @dev `guid` is zero where the hub is this chain and the ledger was called directly.
    event Reported(AccountId indexed account, uint64 sequence, bytes32 guid);
    /// @dev `withdrawn` and `sequence` are the new totals.
    event Withdrawn(
        AccountId indexed account, address indexed asset, address to, uint128 amount, uint128 withdrawn, uint64 sequence
    );

    error AssetNotListed(address asset);
    error AssetAlreadyListed(address asset);
    error TooManyAssets(uint256 most);
    error ZeroAmount();
    error WrongVault(address vault);
    error NothingToClaim(AccountId account, address asset);
    /// @dev The bucket is empty: nothing can be paid before it refills. What there is, is paid in part.
    error OutflowLimited(address asset, uint256 available, uint256 wanted);
    error FeeOnLocalReport(uint256 value);
    error InvalidWithdrawalProof(AccountId account, uint64 epoch);
    /// @dev An account is never paid more of an asset than was deposited for it, whatever was signed.
    error BeyondDeposits(AccountId account, address asset, uint128 deposited, uint128 approvedTotal);
    error NothingToReport(AccountId account);
    /// @dev A vault has a local ledger exactly where its chain is the hub.
    error LocalLedgerMismatch();
    /// @dev The newest attestation has not been expired for long enough: operators may still be there.
    error ExitNotOpen(uint256 opensAt);
    error ExitDelayOutOfBounds(uint256 least, uint256 most);
    error NativeTransferFailed(address receiver);
    error ValueBelowAmount(uint256 value, uint256 amount);
    /// @dev Ether comes with a deposit, or from the wrapper when the vault unwraps; from nobody else.
    error UnexpectedEther();

    /// @notice Takes `amount` of `asset` from the caller into `account`; what arrived is credited.
    /// @dev With value, or on the hub, the totals are reported at once; surplus value is refunded to the caller.
    /// Without value on another chain nothing is sent: the deposit counts once somebody calls `report`.
    /// The caller need not own the account.
    function deposit(AccountId account, address asset, uint256 amount) external payable;

    /// @notice As `deposit`, with the caller's ERC-2612 permit in place of an approval.
    /// @dev A permit that fails is no error as long as the allowance is there: somebody may have submitted it before.
    function depositWithPermit(AccountId account, address asset, uint256 amount, Permit calldata permit)
        external
        payable;

    /// @notice Wraps `amount` of the value sent and deposits it as the chain's wrapped native token.
    /// @dev The rest of the value pays for the report, as in `deposit`.
    function depositNative(AccountId account, uint256 amount) external payable;

    /// @notice Sends the account's totals to the hub again. Anyone may pay for it.
    function report(AccountId account) external payable;

    /// @notice The LayerZero fee in native currency that a report of this account costs now; 0 on the hub.
    /// @dev Enough for `deposit` too, which may bring one asset more than the account has: surplus is refunded.
    function quoteReport(AccountId account) external view returns (MessagingFee memory fee);

    /// @notice Pays approved total minus withdrawn total, or as much of it as the outflow limiter lets go, to the
    /// receiver that the account's owner named, by default the owner. Anyone may call it, and again for the rest.
    /// @dev `proof` proves the leaf under the newest posted root of this chain, expired or not: an approval was taken
    /// out of the account's capacity when it was signed. Value, if any, pays for a report. If the transfer fails all of
    /// it reverts, and the amount stays claimable: the owner may name another receiver.
    function claimWithdrawal(WithdrawalLeaf calldata leaf, bytes32[] calldata proof) external payable;

    /// @notice The way out without operators. Once the newest posted attestation has been expired for
    /// `exitDelaySeconds` by this chain's clock, pays what the owner asked for by `requestWithdrawal`, up to the leaf's
    /// exit total. All else is as in `claimWithdrawal`. A newer attestation closes it at once.
    /// @dev Anyone may call it, but only what the owner asked for is paid.
    function claimExit(WithdrawalLeaf calldata leaf, bytes32[] calldata proof) external payable;

    /// @notice From when on exits are open, seconds since 1970, unless a newer attestation comes.
    /// @dev Reverts with NoAttestation before the first one.
    function exitOpensAt() external view returns (uint256);

    /// @notice How long after the newest attestation's expiry exits open.
    function exitDelaySeconds() external view returns (uint64);

    /// @notice The chain's wrapped native token; zero where there is none.
    function wrappedNative() external view returns (address);

    /// @notice Cumulative totals.
    function totals(AccountId account, address asset) external view returns (uint128 deposited, uint128 withdrawn);

    function sequence(AccountId account) external view returns (uint64);

    /// @notice Most of `asset` that can be paid out at this moment.
    function outflowAvailable(address asset) external view returns (uint256);

    /// @notice Assets in the order in which they were listed.
    function assets() external view returns (address[] memory);

    /// @notice Lets the vault take `asset`. Only the owner; never undone, for a delisted asset is one nobody could take out.
    /// @param outflowCapacity Most that can be paid out at once.
    /// @param outflowRefillPerSecond How fast the capacity comes back.
    function listAsset(address asset, uint128 outflowCapacity, uint128 outflowRefillPerSecond) external;

    /// @notice Gas that a report buys for its delivery on the hub: `base` plus `perAsset` for every asset. Only the owner.
    function setReceiveGas(uint64 base, uint64 perAsset) external;
}
