// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccountId} from "../types/Ids.sol";
import {IMarginConsumer, MarginProofs} from "./IMarginConsumer.sol";

/// @title A consumer with a margin formula of its own
/// @notice It books one figure for each account: the worst loss, the most that the account can come to owe here by
/// whatever happens before the figure is next changed. It is booked as negative cash without any position, so operators
/// rebuild it from the same events, and the check is that of every consumer with all scenarios alike: the worst loss may
/// grow as far as the smallest entry of the account's allotment, its credit line.
/// @dev The contract's promise, which nobody checks: a loss is booked before it can arise. There is no way to book one
/// beyond the credit line afterwards, for others rely on what is not booked; a formula that prices can outrun has to book
/// what they may do until the next booking. Over all accounts worst losses sum to zero or more, gains being negative ones.
/// What is booked counts as lost: an account's margin, and when it is liquidatable, are told from what is left. A credit
/// line does not grow with what is held here, as allotments by notional do: an owner who wants more of it here says so by
/// `setWeights`. Netting with other chains is lost, too: a hedge is worth what is left of it in its worst scenario.
interface IScalarConsumer is IMarginConsumer {
    /// @notice What is booked, USD with 8 decimals. Negative: a gain that nothing can take away.
    function worstLoss(AccountId account) external view returns (int128);

    /// @notice By how much the worst loss may grow, USD with 8 decimals: 0 without a leaf of the account, once the newest
    /// posted epoch has expired, and where the credit line is smaller than what is booked already.
    /// @dev Reverts as every check does if the proofs are not of the newest posted epoch.
    function creditLeft(AccountId account, MarginProofs calldata proofs) external view returns (uint256);
}
