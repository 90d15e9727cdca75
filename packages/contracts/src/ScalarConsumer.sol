// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {MarginConsumer} from "./MarginConsumer.sol";
import {MarginProofs} from "./interfaces/IMarginConsumer.sol";
import {IScalarConsumer} from "./interfaces/IScalarConsumer.sol";
import {MarginCheck} from "./libraries/MarginCheck.sol";
import {Limit, MarginLeaves, PostedEpoch} from "./libraries/MarginLeaves.sol";
import {PackedInt64} from "./libraries/PackedInt64.sol";
import {AccountId, InstrumentId} from "./types/Ids.sol";

/// @title Base of a contract with a margin formula of its own, within a credit line
/// @notice See IScalarConsumer. Raise an account's worst loss before it takes on the risk, lower it once the risk is
/// gone. Use nothing else of MarginConsumer: no portfolio here has a position.
abstract contract ScalarConsumer is MarginConsumer, IScalarConsumer {
    using MarginLeaves for MarginProofs;

    /// @dev What `PortfolioChanged` names where no instrument is meant.
    InstrumentId private constant NONE = InstrumentId.wrap(0);

    /// @inheritdoc IScalarConsumer
    function worstLoss(AccountId account) public view returns (int128) {
        return -cash(account);
    }

    /// @inheritdoc IScalarConsumer
    function creditLeft(AccountId account, MarginProofs calldata proofs) public view returns (uint256) {
        PostedEpoch memory epoch = _postedEpoch();
        (, uint256 scenarios) = proofs.prove(epoch);
        Limit memory limit = proofs.limitOf(account, address(this), epoch, AccountId.wrap(0));
        if (limit.allotmentAt == MarginCheck.NO_ALLOTMENT) return 0;
        int256 line = type(int64).max;
        for (uint256 s; s < scenarios; ++s) {
            line = FixedPointMathLib.min(line, PackedInt64.at(limit.allotmentAt, s));
        }
        return uint256(FixedPointMathLib.max(line - worstLoss(account), 0));
    }

    /// @notice Reverts with AllotmentExceeded beyond the credit line, with OnlyReductionsAllowed if there is none.
    /// @param amount USD with 8 decimals, rounded up.
    /// @param proofs The account's leaf in the newest posted epoch; no instruments.
    function _raiseWorstLoss(AccountId account, uint128 amount, MarginProofs calldata proofs) internal {
        _debit(account, NONE, amount, proofs);
    }

    /// @notice Nothing has to be proven, and nothing stops it.
    /// @param amount USD with 8 decimals, rounded down.
    function _lowerWorstLoss(AccountId account, uint128 amount) internal {
        _credit(account, NONE, amount);
    }
}
