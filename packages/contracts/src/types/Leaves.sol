// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccountId, InstrumentId} from "./Ids.sol";

/// @notice What an account may do. For the first two the allotment already says it.
/// Liquidatable: below maintenance margin; anybody may buy a part of its book at a discount.
/// Insolvent: it owes more than its collateral counts for; its allotment is what it may be left owing here once its book
/// has been taken from it, the same in every scenario, and its owner may only improve every scenario.
enum AccountStatus {
    Active,
    ReduceOnly,
    Liquidatable,
    Insolvent
}

/// @notice What one account may lose at one consumer.
/// @param consumer The contract this speaks to: two consumers on one chain never share an allotment.
/// @param grossLimit Most notional, USD with 8 decimals, that the account may hold here. Of a liquidatable account: what
/// liquidators have to leave.
/// @param allotment For every scenario the most that the account's portfolio here may lose: int64, USD with 8
/// decimals, big-endian, packed in the order of the scenario set. Negative means "must hold this gain".
struct AccountLeaf {
    AccountId account;
    address consumer;
    AccountStatus status;
    uint128 grossLimit;
    bytes allotment;
}

/// @notice What may be done with an instrument.
/// Active: anything within the allotment. ReduceOnly: a position in it may only shrink towards zero, because its price is
/// uncertain. Settled: it has expired, and `settlement` is final.
enum InstrumentStatus {
    Active,
    ReduceOnly,
    Settled
}

/// @notice One instrument at one epoch.
/// @param mark Mark price of one unit, USD with 8 decimals.
/// @param notional Notional of one unit: index price times multiplier, USD with 8 decimals.
/// @param charge Contingency charge a unit, USD with 8 decimals.
/// @param settlement Settlement price if settled, else 0. An option may settle at 0.
/// @param funding Cumulative funding index: what a long of one unit has paid since listing, USD with 8 decimals.
/// @param stressBps How much the volatility of the underlying widens its price shocks: 10000 is as registered.
/// @param prices Risk array: the price of one unit in every scenario less `funding`, int64, USD with 8 decimals,
/// big-endian, packed.
struct InstrumentLeaf {
    InstrumentId instrument;
    InstrumentStatus status;
    uint64 mark;
    uint64 notional;
    uint64 charge;
    uint64 settlement;
    int64 funding;
    uint32 stressBps;
    bytes prices;
}

/// @notice How much of one asset a vault may pay an account in all: cumulative.
/// @param approvedTotal What may be paid at any time. It only grows.
/// @param exitTotal What may be paid once operators have been silent for the vault's exit delay: no less than
/// `approvedTotal`, and from epoch to epoch it may fall.
struct WithdrawalLeaf {
    AccountId account;
    address vault;
    address asset;
    uint128 approvedTotal;
    uint128 exitTotal;
}

/// @notice Against whom an insolvent account's positions at a consumer are closed, where the backstop cannot take them.
/// @param queue Accounts that held, at the cut, a position here opposite to one of the account's (docs/PROTOCOL.md says
/// which), the most profitable first. Profit is what a book here is worth at mark: cash and sizes times `prices[0]`.
struct DeleverageLeaf {
    AccountId account;
    address consumer;
    AccountId[] queue;
}
