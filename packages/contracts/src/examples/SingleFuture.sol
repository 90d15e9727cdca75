// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {MarginConsumer} from "../MarginConsumer.sol";
import {MarketSettlement} from "../MarketSettlement.sol";
import {MarginProofs} from "../interfaces/IMarginConsumer.sol";
import {PortfolioChange} from "../libraries/PortfolioDraft.sol";
import {AccountId, InstrumentId} from "../types/Ids.sol";

/// @title Example of a full consumer: one dated future, quoted and taken on the chain
/// @notice Both sides of a trade are checked in every scenario, so a short here can be backed by a long on another chain.
/// What is left once it has expired is turned into cash by `settle`.
/// @dev The instrument has to be dated: a perpetual's price has funding in it, which DerivativeMarket takes account of.
contract SingleFuture is MarketSettlement {
    /// @param size Units with 8 decimals that are left; positive buys, negative sells.
    /// @param price USD a unit with 8 decimals.
    /// @param until Seconds since 1970; not taken from then on.
    struct Quote {
        AccountId account;
        int128 size;
        uint64 price;
        uint64 until;
    }

    InstrumentId public immutable instrument;
    Quote[] public quotes;

    event Quoted(uint256 indexed id, AccountId indexed account, int128 size, uint64 price, uint64 until);
    event Taken(uint256 indexed id, AccountId indexed account, int128 size, uint64 price);

    error NotAccountOwner(AccountId account, address caller);
    error QuoteOver(uint256 id);
    error MoreThanQuoted(int128 left, int128 wanted);

    constructor(address attestations_, InstrumentId instrument_) MarginConsumer(attestations_) {
        instrument = instrument_;
    }

    /// @notice Offers to buy or sell. Margin is checked when somebody takes it, so it binds nothing until then.
    function quote(AccountId account, int128 size, uint64 price, uint64 until) external returns (uint256 id) {
        _onlyOwnerOf(account);
        id = quotes.length;
        quotes.push(Quote(account, size, price, until));
        emit Quoted(id, account, size, price, until);
    }

    /// @notice Takes a quote back.
    function cancel(uint256 id) external {
        _onlyOwnerOf(quotes[id].account);
        quotes[id].until = 0;
        emit Quoted(id, quotes[id].account, quotes[id].size, quotes[id].price, 0);
    }

    /// @notice Trades against a quote.
    /// @param account Who takes it.
    /// @param size Of the quote's sign and no larger than what is left of it: what the quote's account gets.
    /// @param proofs Both accounts, and every instrument that they hold here.
    function take(uint256 id, AccountId account, int128 size, MarginProofs calldata proofs) external {
        _onlyOwnerOf(account);
        Quote storage offer = quotes[id];
        int128 left = offer.size;
        if (block.timestamp >= offer.until) revert QuoteOver(id);
        if (size == 0 || (size > 0) != (left > 0) || (size > 0 ? size > left : size < left)) {
            revert MoreThanQuoted(left, size);
        }
        offer.size = left - size;
        // Rounded once, and moved from one side to the other: cash and sizes sum to zero.
        int128 paid = SafeCast.toInt128(int256(size) * int256(uint256(offer.price)) / 1e8);
        PortfolioChange[] memory changes = new PortfolioChange[](2);
        changes[0] = PortfolioChange(offer.account, instrument, size, -paid);
        changes[1] = PortfolioChange(account, instrument, -size, paid);
        _changePortfolios(changes, proofs);
        emit Taken(id, account, size, offer.price);
    }

    function _onlyOwnerOf(AccountId account) private view {
        if (msg.sender != account.ownerOf()) revert NotAccountOwner(account, msg.sender);
    }
}
