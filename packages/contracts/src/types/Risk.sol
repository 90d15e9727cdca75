// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {UnderlyingId} from "./Ids.sol";

/// @notice What prices something. As its feed's answer grows older, shocks are widened, then its instruments are
/// reduce-only and collateral in it counts nothing, then its instruments have no leaf.
/// @param feed The contract that emits `AnswerUpdated` (Chainlink's aggregator, not the proxy before it). For bonds to be
/// taken for what rests on it: `getRoundData` of it can be read by OperatorBonds, and gives every answer ever emitted, at
/// its block's time, under a round of its own that is one more than the last.
/// @param feedDecimals Decimals of the feed's answer.
/// @param freshSeconds Up to this age an answer counts as today's.
/// @param maxAgeSeconds Past this age instruments are reduce-only. In between shocks widen in a straight line.
/// @param lastSeconds Past this age instruments have no leaf.
/// @param widestBps The factor on shocks at `maxAgeSeconds`, 10000 or more.
/// @param depth USD with 8 decimals: the position of which half would be lost if it were sold at once.
struct Underlying {
    address feed;
    uint8 feedDecimals;
    uint32 freshSeconds;
    uint32 maxAgeSeconds;
    uint32 lastSeconds;
    uint32 widestBps;
    uint64 depth;
}

/// @notice How shocks of an underlying follow the volatility of its feed. Without one they stay as registered.
/// @param referenceVolatility The volatility that the scenario set was made for: of an hour, 8 decimals.
/// @param stressedVolatility It is never taken to be less: of an hour, 8 decimals.
/// @param floorBps Least factor, at most 10000.
/// @param capBps Largest factor, at least 10000.
/// @param mostUpBps Largest step up from one epoch to the next.
/// @param mostDownBps Largest step down.
struct VolatilityPolicy {
    uint64 referenceVolatility;
    uint64 stressedVolatility;
    uint32 floorBps;
    uint32 capBps;
    uint32 mostUpBps;
    uint32 mostDownBps;
}

/// @notice What dated instruments of one underlying and expiry are priced from. Rates are continuously compounded, a
/// year, 8 decimals. The smile is a slice of SSVI; `packages/risk/src/volatility/surface.ts` has the formula.
/// @param basisRate The forward's basis over the index.
/// @param discountRate Discounts options.
/// @param atTheMoney Volatility at the money, a year, 8 decimals. 0: no options at this expiry.
/// @param skew Relative slope of total variance at the money, 8 decimals.
/// @param curvature Relative second derivative of total variance at the money, 8 decimals.
struct ExpiryTerms {
    int64 basisRate;
    int64 discountRate;
    uint64 atTheMoney;
    int64 skew;
    uint64 curvature;
}

/// @param underlying What prices it, for example USDC.
/// @param haircutBps Taken off the value, 0 to 10000.
/// @param decimals Of the token.
/// @param depth Tokens with 8 decimals: the amount of which half would be lost if it were sold at once.
struct Asset {
    UnderlyingId underlying;
    uint16 haircutBps;
    uint8 decimals;
    uint64 depth;
}

/// @notice A consumer or an asset that is, or once was, registered.
/// @param at The consumer, or the asset's token.
/// @param version The version of the registry that first had it.
struct Listed {
    uint32 eid;
    address at;
    uint32 version;
}

enum InstrumentKind {
    Perpetual,
    Future,
    Call,
    Put
}

/// @param multiplier Underlyings a unit, 8 decimals.
/// @param strike USD with 8 decimals; 0 for perpetuals and futures.
/// @param expiry Seconds since 1970; 0 for perpetuals.
/// @param chargeBps Spread and slippage of getting out, of the notional a unit.
/// @param basisBpsAYear Dated: how far the basis may move against the index, a year to expiry.
/// @param mostBasisBps At most this for the basis.
/// @param shortMinimumBps Options: the least that a short unit's worst scenario is taken to lose.
struct Instrument {
    InstrumentKind kind;
    UnderlyingId underlying;
    uint64 multiplier;
    uint64 strike;
    uint64 expiry;
    uint16 chargeBps;
    uint16 basisBpsAYear;
    uint16 mostBasisBps;
    uint16 shortMinimumBps;
}

/// @notice A perpetual's funding. Over a window longs pay shorts the average premium of that window.
/// @param capBps Most that is paid a window, either way, of the mark.
/// @param windowSeconds Over which the premium is averaged and paid.
/// @param turnoverBps The share of the open interest that must trade in a window for its premium to count in full.
struct Funding {
    uint16 capBps;
    uint32 windowSeconds;
    uint16 turnoverBps;
}

/// @notice Joint stresses. Row 0 has no shock: the base.
/// @param underlyings Columns.
/// @param priceShocksBps Row-major, rows x columns: the price moves by this share of itself, above -10000.
/// @param volatilityShocksBps Row-major, rows x columns.
struct ScenarioSet {
    UnderlyingId[] underlyings;
    int32[] priceShocksBps;
    int32[] volatilityShocksBps;
}

/// @param maintenanceBps Maintenance margin as a share of initial margin, at most 10000.
/// @param bufferBps Share of the free capacity that is never allotted: what price moves between epochs eat first.
/// @param stickyBps An allotment stays as it is unless it would move by more than this share of the account's free
/// capacity.
/// @param maxLeverage Gross limit granted per unit of free capacity.
/// @param attestationLifetimeSeconds From issue to expiry.
struct MarginParameters {
    uint16 maintenanceBps;
    uint16 bufferBps;
    uint16 stickyBps;
    uint16 maxLeverage;
    uint32 attestationLifetimeSeconds;
}
