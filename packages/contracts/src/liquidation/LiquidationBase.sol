// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {IDerivativeMarket} from "../interfaces/IDerivativeMarket.sol";
import {IMarginConsumer, MarginProofs} from "../interfaces/IMarginConsumer.sol";
import {IMarketLiquidation} from "../interfaces/IMarketLiquidation.sol";
import {ISolvencyAttestations} from "../interfaces/ISolvencyAttestations.sol";
import {PortfolioChange} from "../libraries/PortfolioDraft.sol";
import {MarginLeaves, PostedEpoch} from "../libraries/MarginLeaves.sol";
import {AccountId} from "../types/Ids.sol";
import {AccountLeaf} from "../types/Leaves.sol";

/// @title What every kind of liquidation needs: the market, and leaves that are proven
abstract contract LiquidationBase is IMarketLiquidation {
    using MarginLeaves for MarginProofs;

    uint64 internal constant ALL = 1e18;
    AccountId internal constant NOBODY = AccountId.wrap(0);

    IDerivativeMarket internal immutable _market;
    ISolvencyAttestations private immutable _attestations;

    /// @dev Made by the market, which trusts it.
    constructor(address attestations_) {
        _market = IDerivativeMarket(msg.sender);
        _attestations = ISolvencyAttestations(attestations_);
    }

    /// @inheritdoc IMarketLiquidation
    function market() external view returns (address) {
        return address(_market);
    }

    /// @notice Proves all leaves under the newest posted epoch, which has to be in force.
    function _prove(MarginProofs calldata proofs) internal view returns (PostedEpoch memory epoch) {
        uint64 expiresAt;
        (epoch.number, epoch.root, expiresAt) = _attestations.newest();
        if (block.timestamp >= expiresAt) revert EpochExpired(epoch.number);
        proofs.prove(epoch);
    }

    /// @notice The account's leaf at the market, among leaves that are proven here or by the market.
    function _leafOf(MarginProofs calldata proofs, AccountId account)
        internal
        view
        returns (AccountLeaf calldata leaf)
    {
        for (uint256 i; i < proofs.accounts.length; ++i) {
            leaf = proofs.accounts[i];
            bool isOurs = leaf.consumer == address(_market);
            if (isOurs && AccountId.unwrap(leaf.account) == AccountId.unwrap(account)) return leaf;
        }
        revert MissingAccount(account);
    }

    /// @notice Whether the market makes the changes; not, if it refuses them for one of two accounts, as its leaf or its
    /// book has it. Any other reason is passed on: it says nothing about them.
    function _tryChanges(
        PortfolioChange[] memory changes,
        MarginProofs calldata proofs,
        AccountId seized,
        AccountId other
    ) internal returns (bool made) {
        try _market.changePortfolios(changes, proofs, seized) {
            return true;
        } catch (bytes memory reason) {
            if (_isRefusal(reason, seized) || _isRefusal(reason, other)) return false;
            assembly ("memory-safe") {
                revert(add(reason, 0x20), mload(reason))
            }
        }
    }

    function _isRefusal(bytes memory reason, AccountId account) private pure returns (bool) {
        if (reason.length < 36) return false;
        // casting to 'bytes4' is safe because a reason begins with the selector of its error
        // forge-lint: disable-next-line(unsafe-typecast)
        bytes4 selector = bytes4(reason);
        bytes32 named;
        assembly ("memory-safe") {
            named := mload(add(reason, 0x24))
        }
        if (named != AccountId.unwrap(account)) return false;
        return selector == IMarginConsumer.AllotmentExceeded.selector
            || selector == IMarginConsumer.OnlyReductionsAllowed.selector
            || selector == IMarginConsumer.GrossLimitExceeded.selector
            || selector == IMarginConsumer.InstrumentReduceOnly.selector
            || selector == IMarginConsumer.TooManyPositions.selector;
    }

    function _checkFraction(uint64 fraction) internal pure {
        if (fraction == 0 || fraction > ALL) revert FractionOutOfBounds(fraction);
    }

    function _ceilE8(uint256 valueE16) internal pure returns (uint256) {
        return FixedPointMathLib.divUp(valueE16, 1e8);
    }
}
