// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ECDSA} from "solady/utils/ECDSA.sol";
import {EIP712} from "solady/utils/EIP712.sol";
import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {SignatureCheckerLib} from "solady/utils/SignatureCheckerLib.sol";
import {ISignedOrders, Order} from "./interfaces/ISignedOrders.sol";
import {AccountId} from "./types/Ids.sol";

/// @notice See ISignedOrders.
abstract contract SignedOrders is ISignedOrders, EIP712 {
    /// @dev In one word, so that a fill reads it once and writes it whole: units filled, and above them CANCELLED.
    struct OrderState {
        uint256 word;
    }

    uint256 private constant CANCELLED = 1 << 255;
    bytes32 private constant ORDER_TYPEHASH = keccak256(
        "Order(bytes32 account,bytes32 instrument,int128 size,uint64 limitPrice,uint64 expiry,uint64 series,uint64 salt)"
    );

    mapping(bytes32 order => OrderState) private _orders;
    /// @inheritdoc ISignedOrders
    mapping(AccountId => mapping(address => uint64)) public delegateUntil;

    /// @inheritdoc ISignedOrders
    function cancel(Order calldata order) external {
        _checkMayTrade(order.account);
        bytes32 digest = orderDigest(order);
        _orders[digest].word |= CANCELLED;
        emit OrderCancelled(digest, order.account);
    }

    /// @inheritdoc ISignedOrders
    function cancelAll(AccountId account) external {
        _checkMayTrade(account);
        emit SeriesBegun(account, _beginSeries(account));
    }

    /// @inheritdoc ISignedOrders
    function setDelegate(AccountId account, address delegate, uint64 until) external {
        if (msg.sender != account.ownerOf()) revert NotAccountOwner(account, msg.sender);
        delegateUntil[account][delegate] = until;
        emit DelegateSet(account, delegate, until);
    }

    /// @inheritdoc ISignedOrders
    function filled(bytes32 order) external view returns (uint128) {
        // casting to 'uint128' is safe because it leaves CANCELLED out on purpose, and no order has more units
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint128(_orders[order].word);
    }

    /// @inheritdoc ISignedOrders
    function seriesOf(AccountId account) external view returns (uint64) {
        return _seriesOf(account);
    }

    /// @inheritdoc ISignedOrders
    function orderDigest(Order calldata order) public view returns (bytes32) {
        bytes32 typeHash = ORDER_TYPEHASH;
        bytes32 structHash;
        // The fields lie in calldata as they are encoded, a word each. Bits beyond a field's type change the digest, and
        // make whoever reads the field revert.
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, typeHash)
            calldatacopy(add(words, 0x20), order, 0xe0)
            structHash := keccak256(words, 0x100)
        }
        return _hashTypedData(structHash);
    }

    /// @notice Takes `size` from an order, or reverts with the reason why it cannot be.
    function _fillOrder(Order calldata order, bytes calldata signature, uint128 size)
        internal
        returns (bytes32 digest)
    {
        digest = orderDigest(order);
        if (block.timestamp >= order.expiry) revert OrderExpired(digest, order.expiry);
        uint64 series = _seriesOf(order.account);
        if (order.series != series) revert OrderOfAnotherSeries(digest, order.series, series);
        OrderState storage state = _orders[digest];
        uint256 before = state.word;
        if (before >= CANCELLED) revert OrderIsCancelled(digest);
        uint256 left = FixedPointMathLib.abs(order.size) - before;
        if (size > left) revert OrderOverfilled(digest, left, size);
        _checkSignature(order.account, digest, signature);
        state.word = before + size;
    }

    /// @dev Where the series is kept is for the inheriting contract to say.
    function _seriesOf(AccountId account) internal view virtual returns (uint64);

    function _beginSeries(AccountId account) internal virtual returns (uint64);

    /// @dev The caller is the account's owner or one of its delegates.
    function _checkMayTrade(AccountId account) internal view {
        if (msg.sender != account.ownerOf() && !_isDelegate(account, msg.sender)) {
            revert NotAllowedToTrade(account, msg.sender);
        }
    }

    /// @dev An owner with code (ERC-1271) is asked only when the signature is not an ordinary one.
    function _checkSignature(AccountId account, bytes32 digest, bytes calldata signature) private view {
        address owner = account.ownerOf();
        if (owner == address(0)) revert InvalidOrderSignature(digest, owner);
        address signer = ECDSA.tryRecoverCalldata(digest, signature);
        if (signer == owner || _isDelegate(account, signer)) return;
        if (!SignatureCheckerLib.isValidERC1271SignatureNowCalldata(owner, digest, signature)) {
            revert InvalidOrderSignature(digest, owner);
        }
    }

    /// @dev Nobody has the key of address zero, which is what a signature that is none recovers to.
    function _isDelegate(AccountId account, address key) private view returns (bool) {
        return key != address(0) && block.timestamp < delegateUntil[account][key];
    }

    function _domainNameAndVersion() internal pure override returns (string memory, string memory) {
        return ("Plimsoll Market", "1");
    }
}
