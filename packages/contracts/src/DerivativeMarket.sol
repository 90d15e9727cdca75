// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ECDSA} from "solady/utils/ECDSA.sol";
import {EIP712} from "solady/utils/EIP712.sol";
import {SignatureCheckerLib} from "solady/utils/SignatureCheckerLib.sol";
import {MarginConsumer, PortfolioChange} from "./MarginConsumer.sol";
import {Fill, IDerivativeMarket, Order} from "./interfaces/IDerivativeMarket.sol";
import {MarginProofs} from "./interfaces/IMarginConsumer.sol";
import {Attestation} from "./types/Attestation.sol";
import {AccountId, InstrumentId} from "./types/Ids.sol";

/// @notice See IDerivativeMarket.
contract DerivativeMarket is IDerivativeMarket, MarginConsumer, EIP712 {
    using SafeCast for uint256;
    using SafeCast for int256;

    struct OrderState {
        uint128 filled;
        bool cancelled;
    }

    bytes32 private constant ORDER_TYPEHASH =
        keccak256("Order(bytes32 account,bytes32 instrument,int128 size,uint64 limitPrice,uint64 expiry,uint64 salt)");

    mapping(bytes32 order => OrderState) private _orders;

    /// @param attestations_ This chain's SolvencyAttestations.
    constructor(address attestations_) MarginConsumer(attestations_) {}

    /// @inheritdoc IDerivativeMarket
    function trade(Fill calldata fill, MarginProofs calldata proofs) external {
        _trade(fill, proofs);
    }

    /// @inheritdoc IDerivativeMarket
    function postAndTrade(Attestation calldata attestation, Fill calldata fill, MarginProofs calldata proofs) external {
        if (attestation.header.epoch > _newestEpoch()) _attestations.post(attestation);
        _trade(fill, proofs);
    }

    /// @inheritdoc IDerivativeMarket
    function cancel(Order calldata order) external {
        if (msg.sender != order.account.ownerOf()) revert NotAccountOwner(order.account, msg.sender);
        bytes32 digest = orderDigest(order);
        _orders[digest].cancelled = true;
        emit OrderCancelled(digest, order.account);
    }

    /// @inheritdoc IDerivativeMarket
    function filled(bytes32 order) external view returns (uint128) {
        return _orders[order].filled;
    }

    /// @inheritdoc IDerivativeMarket
    function orderDigest(Order calldata order) public view returns (bytes32) {
        return _hashTypedData(keccak256(abi.encode(ORDER_TYPEHASH, order)));
    }

    function _trade(Fill calldata fill, MarginProofs calldata proofs) private {
        _checkMatch(fill);
        bytes32 makerOrder = _fillOrder(fill.maker, fill.makerSignature, fill.size);
        bytes32 takerOrder = _fillOrder(fill.taker, fill.takerSignature, fill.size);
        emit Filled(makerOrder, takerOrder, fill.maker.instrument, fill.size, fill.maker.limitPrice);

        int128 size = uint256(fill.size).toInt256().toInt128();
        if (fill.maker.size < 0) size = -size;
        // Units are valued net of the funding index, so they are paid for net of it: what longs have paid until now
        // concerns neither side of this trade.
        int256 netPrice = int256(uint256(fill.maker.limitPrice)) - _fundingOf(fill.maker.instrument, proofs);
        // Rounded once and moved from one side to the other, so cash sums to zero exactly.
        int128 paid = (size * netPrice / 1e8).toInt128();
        PortfolioChange[] memory changes = new PortfolioChange[](2);
        changes[0] = PortfolioChange(fill.maker.account, fill.maker.instrument, size, -paid);
        changes[1] = PortfolioChange(fill.taker.account, fill.taker.instrument, -size, paid);
        _changePortfolios(changes, proofs);
    }

    function _checkMatch(Fill calldata fill) private pure {
        Order calldata maker = fill.maker;
        Order calldata taker = fill.taker;
        if (fill.size == 0 || maker.size == 0 || taker.size == 0) revert ZeroSize();
        if (InstrumentId.unwrap(maker.instrument) != InstrumentId.unwrap(taker.instrument)) {
            revert DifferentInstruments(maker.instrument, taker.instrument);
        }
        if (AccountId.unwrap(maker.account) == AccountId.unwrap(taker.account)) revert SelfTrade(maker.account);
        if ((maker.size > 0) == (taker.size > 0)) revert SameSide();
        (uint64 buyLimit, uint64 sellLimit) =
            maker.size > 0 ? (maker.limitPrice, taker.limitPrice) : (taker.limitPrice, maker.limitPrice);
        if (buyLimit < sellLimit) revert OrdersDoNotCross(buyLimit, sellLimit);
    }

    function _fillOrder(Order calldata order, bytes calldata signature, uint128 size) private returns (bytes32 digest) {
        digest = orderDigest(order);
        if (block.timestamp >= order.expiry) revert OrderExpired(digest, order.expiry);
        OrderState memory state = _orders[digest];
        if (state.cancelled) revert OrderIsCancelled(digest);
        uint256 left = uint256(order.size < 0 ? -int256(order.size) : int256(order.size)) - state.filled;
        if (size > left) revert OrderOverfilled(digest, left, size);

        // An owner with code (ERC-1271) is asked only when the signature is not an ordinary one of the owner's key.
        address owner = order.account.ownerOf();
        if (
            owner == address(0)
                || (ECDSA.tryRecoverCalldata(digest, signature) != owner
                    && !SignatureCheckerLib.isValidERC1271SignatureNowCalldata(owner, digest, signature))
        ) revert InvalidOrderSignature(digest, owner);
        _orders[digest].filled = state.filled + size;
    }

    /// @dev 0 before the first attestation.
    function _newestEpoch() private view returns (uint64) {
        try _attestations.newest() returns (uint64 epoch, bytes32, uint64) {
            return epoch;
        } catch {
            return 0;
        }
    }

    function _domainNameAndVersion() internal pure override returns (string memory, string memory) {
        return ("Plimsoll Market", "1");
    }
}
