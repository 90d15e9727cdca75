// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccountId, InstrumentId} from "../types/Ids.sol";
import {InstrumentLeaf} from "../types/Leaves.sol";

/// @title What becomes of positions in an instrument that has expired
/// @notice Each turns into cash at the attested settlement price, when anybody asks for it. No margin is checked: what
/// the account is worth does not change, for its risk array already says that price in every scenario.
interface IMarketSettlement {
    /// @notice The price that every position here is settled at from now on, net of funding: USD with 8 decimals.
    event InstrumentSettled(InstrumentId indexed instrument, int64 price);

    error NotSettled(InstrumentId instrument);
    /// @dev The leaf is not of the newest posted epoch.
    error InvalidSettlementProof(uint64 epoch);

    /// @notice Turns positions of an instrument into cash: size times price, each rounded down after adding what
    /// rounding left of those before. So an account gets at least its own value rounded down, at most one last digit
    /// more, and over all accounts it sums to zero.
    /// @param accounts Those without a position in it are passed over.
    /// @param leaf Of status Settled, in the newest posted epoch, be it expired: a settlement price is final. The first
    /// one proven here is the one that is used for all.
    function settle(AccountId[] calldata accounts, InstrumentLeaf calldata leaf, bytes32[] calldata proof) external;

    /// @notice The price that positions are settled at, net of funding; whether one is known.
    function settlementOf(InstrumentId instrument) external view returns (bool known, int64 price);
}
