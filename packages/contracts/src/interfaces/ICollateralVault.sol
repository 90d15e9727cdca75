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

/// @title Holds ERC-20 collateral on one chain and reports totals to the hub's ledger
/// @notice Reports are cumulative totals with a sequence number per account, so a lost, repeated or reordered
/// message does no harm and the next one heals the gap.
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
    /// @dev `requestedTotal` is a cumulative total: `withdrawn` plus the amount asked for.
    event WithdrawalRequested(AccountId indexed account, address indexed asset, uint128 requestedTotal);
    /// @dev `withdrawn` and `sequence` are the new totals.
    event Withdrawn(
        AccountId indexed account, address indexed asset, address to, uint128 amount, uint128 withdrawn, uint64 sequence
    );

    error AssetNotListed(address asset);
    error AssetAlreadyListed(address asset);
    error TooManyAssets(uint256 most);
    error ZeroAmount();
    error NotAccountOwner(AccountId account, address caller);
    error WrongVault(address vault);
    error NothingToClaim(AccountId account, address asset);
    error OutflowLimited(address asset, uint256 available, uint256 wanted);
    error FeeOnLocalReport(uint256 value);
    error InvalidWithdrawalProof(AccountId account, uint64 epoch);
    /// @dev An account is never paid more of an asset than was deposited for it, whatever was signed.
    error BeyondDeposits(AccountId account, address asset, uint128 deposited, uint128 approvedTotal);
    error NothingToReport(AccountId account);
    /// @dev A vault has a local ledger exactly where its chain is the hub.
    error LocalLedgerMismatch();

    /// @notice Takes `amount` of `asset` from the caller into `account`; what arrived is credited.
    /// @dev With value, or on the hub, the totals are reported at once; surplus value is refunded to the caller.
    /// Without value on another chain nothing is sent: the deposit counts once somebody calls `report`.
    /// The caller need not own the account.
    function deposit(AccountId account, address asset, uint256 amount) external payable;

    /// @notice Sends the account's totals to the hub again. Anyone may pay for it.
    function report(AccountId account) external payable;

    /// @notice The LayerZero fee in native currency that a report of this account costs now; 0 on the hub.
    /// @dev Enough for `deposit` too, which may bring one asset more than the account has: surplus is refunded.
    function quoteReport(AccountId account) external view returns (MessagingFee memory fee);

    /// @notice Asks the operators to approve paying out `amount` of `asset`; replaces an earlier open request.
    /// @dev 0 cancels. Operators approve all of it once the account is solvent without it, or nothing.
    /// At most the asset's outflow capacity at a time, for a larger amount could never be claimed.
    function requestWithdrawal(AccountId account, address asset, uint256 amount) external;

    /// @notice Pays approved total minus withdrawn total to the account's owner. Anyone may call it.
    /// @dev `proof` proves the leaf under the newest posted root of this chain, expired or not: an approval was taken
    /// out of the account's capacity when it was signed. Value, if any, pays for a report. If the transfer fails all of
    /// it reverts, and the amount stays claimable.
    function claimWithdrawal(WithdrawalLeaf calldata leaf, bytes32[] calldata proof) external payable;

    /// @notice Cumulative totals.
    function totals(AccountId account, address asset) external view returns (uint128 deposited, uint128 withdrawn);

    function requestedTotal(AccountId account, address asset) external view returns (uint128);

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
