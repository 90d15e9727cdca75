// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccountId} from "../types/Ids.sol";
import {AssetTotals} from "./ICollateralVault.sol";

/// @notice How much of its free capacity an account's owner wants at one consumer. Relative: only ratios matter.
struct ConsumerWeight {
    uint32 eid;
    address consumer;
    uint16 weight;
}

/// @title The hub's record of what vaults everywhere report
interface ICollateralLedger {
    /// @dev `totals` are those that the ledger now holds.
    event CollateralReported(uint32 indexed eid, AccountId indexed account, uint64 sequence, AssetTotals[] totals);
    /// @dev A replayed or late report. Changes nothing.
    event ReportIgnored(uint32 indexed eid, AccountId indexed account, uint64 sequence, uint64 newest);
    event LocalVaultSet(address vault);
    event WeightsSet(AccountId indexed account, ConsumerWeight[] weights);

    error OnlyLocalVault(address caller);
    error LocalVaultAlreadySet();
    error NotAccountOwner(AccountId account, address caller);
    error TooManyWeights(uint256 most);
    error DuplicateWeight(uint32 eid, address consumer);

    /// @notice The hub's own vault reports by this call, for LayerZero has no path from a chain to itself.
    function recordLocal(AccountId account, uint64 sequence, AssetTotals[] calldata totals) external;

    /// @notice Names the hub's own vault. Only the owner, once.
    function setLocalVault(address vault) external;

    /// @notice Says how operators are to share the account's free capacity among consumers, and what an account that holds
    /// nothing keeps for `claimExit`: the weight of eid 0, consumer zero.
    /// @dev An empty list goes back to the default: shared by use, half kept. A consumer not named gets none. Consumers alone
    /// keep nothing. Eid 0 alone keeps all, or with weight 0 nothing, and leaves the sharing as by default.
    function setWeights(AccountId account, ConsumerWeight[] calldata weights) external;

    function sequence(uint32 eid, AccountId account) external view returns (uint64);

    function totals(uint32 eid, AccountId account, address asset)
        external
        view
        returns (uint128 deposited, uint128 withdrawn);

    function localVault() external view returns (address);

    /// @notice The hub's own eid, under which its vault's reports are kept.
    function eid() external view returns (uint32);
}
