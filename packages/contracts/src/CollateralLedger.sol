// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {OAppCore} from "@layerzerolabs/oapp-evm/contracts/oapp/OAppCore.sol";
import {OAppReceiver, Origin} from "@layerzerolabs/oapp-evm/contracts/oapp/OAppReceiver.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ConsumerWeight, ICollateralLedger} from "./interfaces/ICollateralLedger.sol";
import {AssetTotals} from "./interfaces/ICollateralVault.sol";
import {AccountId} from "./types/Ids.sol";

/// @notice See ICollateralLedger.
contract CollateralLedger is ICollateralLedger, OAppReceiver {
    struct Totals {
        uint128 deposited;
        uint128 withdrawn;
    }

    uint256 private constant MOST_WEIGHTS = 16;

    /// @inheritdoc ICollateralLedger
    uint32 public immutable eid;
    /// @inheritdoc ICollateralLedger
    address public localVault;

    /// @inheritdoc ICollateralLedger
    mapping(uint32 vaultEid => mapping(AccountId => uint64)) public sequence;
    /// @inheritdoc ICollateralLedger
    mapping(uint32 vaultEid => mapping(AccountId => mapping(address asset => Totals))) public totals;

    /// @param endpoint_ LayerZero's endpoint on the hub.
    /// @param owner_ Sets peers (one vault a chain) and, once, the hub's own vault. Trusted: a peer's word is recorded.
    constructor(address endpoint_, address owner_) OAppCore(endpoint_, owner_) Ownable(owner_) {
        eid = endpoint.eid();
    }

    /// @inheritdoc ICollateralLedger
    function setLocalVault(address vault) external onlyOwner {
        if (localVault != address(0)) revert LocalVaultAlreadySet();
        localVault = vault;
        emit LocalVaultSet(vault);
    }

    /// @inheritdoc ICollateralLedger
    function recordLocal(AccountId account, uint64 newSequence, AssetTotals[] calldata reported) external {
        if (msg.sender != localVault) revert OnlyLocalVault(msg.sender);
        _record(eid, account, newSequence, reported);
    }

    /// @inheritdoc ICollateralLedger
    function setWeights(AccountId account, ConsumerWeight[] calldata weights) external {
        if (msg.sender != account.ownerOf()) revert NotAccountOwner(account, msg.sender);
        if (weights.length > MOST_WEIGHTS) revert TooManyWeights(MOST_WEIGHTS);
        for (uint256 i = 1; i < weights.length; ++i) {
            for (uint256 j; j < i; ++j) {
                if (weights[i].eid == weights[j].eid && weights[i].consumer == weights[j].consumer) {
                    revert DuplicateWeight(weights[i].eid, weights[i].consumer);
                }
            }
        }
        emit WeightsSet(account, weights);
    }

    /// @dev A message that does not decode reverts and stays undelivered. That blocks no other: `nextNonce` is 0, so
    /// LayerZero delivers in any order, and the account's next report carries all that this one should have.
    function _lzReceive(Origin calldata origin, bytes32, bytes calldata message, address, bytes calldata)
        internal
        override
    {
        (AccountId account, uint64 newSequence, AssetTotals[] memory reported) =
            abi.decode(message, (AccountId, uint64, AssetTotals[]));
        _record(origin.srcEid, account, newSequence, reported);
    }

    function _record(uint32 vaultEid, AccountId account, uint64 newSequence, AssetTotals[] memory reported) private {
        uint64 newestSequence = sequence[vaultEid][account];
        if (newSequence <= newestSequence) {
            emit ReportIgnored(vaultEid, account, newSequence, newestSequence);
            return;
        }
        sequence[vaultEid][account] = newSequence;
        for (uint256 i; i < reported.length; ++i) {
            AssetTotals memory report = reported[i];
            Totals storage stored = totals[vaultEid][account][report.asset];
            Totals memory kept = stored;
            // A vault's totals only grow. Should a report say otherwise, the ledger does not follow it down.
            if (report.deposited < kept.deposited) report.deposited = kept.deposited;
            if (report.withdrawn < kept.withdrawn) report.withdrawn = kept.withdrawn;
            stored.deposited = report.deposited;
            stored.withdrawn = report.withdrawn;
        }
        emit CollateralReported(vaultEid, account, newSequence, reported);
    }
}
