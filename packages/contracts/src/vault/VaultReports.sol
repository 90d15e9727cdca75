// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MessagingFee, OAppSender} from "@layerzerolabs/oapp-evm/contracts/oapp/OAppSender.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ICollateralLedger} from "../interfaces/ICollateralLedger.sol";
import {AssetTotals, ICollateralVault} from "../interfaces/ICollateralVault.sol";
import {ReceiveGas} from "../libraries/ReceiveGas.sol";
import {AccountId} from "../types/Ids.sol";

/// @notice The part of ICollateralVault that keeps every account's totals and reports them to the hub.
abstract contract VaultReports is ICollateralVault, OAppSender, ReentrancyGuardTransient {
    using ReceiveGas for ReceiveGas.Schedule;

    struct Totals {
        uint128 deposited;
        uint128 withdrawn;
    }

    /// @dev A report carries every asset of an account, so their number bounds its gas on the hub.
    uint256 internal constant MOST_ASSETS = 16;

    uint32 public immutable hubEid;
    /// @notice The hub's ledger where this chain is the hub, else zero.
    ICollateralLedger public immutable localLedger;

    /// @inheritdoc ICollateralVault
    mapping(AccountId => mapping(address asset => Totals)) public totals;
    /// @inheritdoc ICollateralVault
    mapping(AccountId => uint64) public sequence;

    address[] internal _assets;
    ReceiveGas.Schedule private _receiveGas = ReceiveGas.Schedule({base: 100_000, perItem: 32_000});

    constructor(uint32 hubEid_, address localLedger_) {
        if ((endpoint.eid() == hubEid_) != (localLedger_ != address(0))) revert LocalLedgerMismatch();
        hubEid = hubEid_;
        localLedger = ICollateralLedger(localLedger_);
    }

    /// @inheritdoc ICollateralVault
    function report(AccountId account) external payable nonReentrant {
        if (sequence[account] == 0) revert NothingToReport(account);
        _report(account, msg.value);
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
    function assets() external view returns (address[] memory) {
        return _assets;
    }

    function _reportIfPaid(AccountId account, uint256 fee) internal {
        if (fee > 0 || address(localLedger) != address(0)) _report(account, fee);
    }

    function _report(AccountId account, uint256 fee) private {
        uint64 newest = sequence[account];
        AssetTotals[] memory held = _totalsOf(account);
        bytes32 guid;
        if (address(localLedger) != address(0)) {
            if (fee > 0) revert FeeOnLocalReport(fee);
            localLedger.recordLocal(account, newest, held);
        } else {
            bytes memory message = abi.encode(account, newest, held);
            bytes memory options = _receiveGas.options(held.length);
            // The whole fee goes to the endpoint, which returns what the message does not cost to the caller.
            guid = _lzSend(hubEid, message, options, MessagingFee(fee, 0), msg.sender).guid;
        }
        emit Reported(account, newest, guid);
    }

    /// @dev Of the value sent, a part may have been deposited; the caller has seen to it that the fee is of the rest.
    function _payNative(uint256 fee) internal pure override returns (uint256) {
        return fee;
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
