// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {EIP712} from "solady/utils/EIP712.sol";
import {IVaultRequests, PayoutChoice, WithdrawalRequest} from "../interfaces/IVaultRequests.sol";
import {OwnerSignature} from "../libraries/OwnerSignature.sol";
import {AccountId} from "../types/Ids.sol";

/// @notice See IVaultRequests.
abstract contract VaultRequests is IVaultRequests, EIP712 {
    using SafeCast for uint256;

    struct Payout {
        address receiver;
        bool native;
    }

    bytes32 private constant REQUEST_TYPEHASH =
        keccak256("WithdrawalRequest(bytes32 account,address asset,uint128 total,uint256 nonce,uint256 deadline)");
    bytes32 private constant PAYOUT_TYPEHASH =
        keccak256("PayoutChoice(bytes32 account,address receiver,bool native,uint256 nonce,uint256 deadline)");

    /// @inheritdoc IVaultRequests
    mapping(AccountId => mapping(address asset => uint128)) public requestedTotal;
    /// @inheritdoc IVaultRequests
    mapping(address owner => uint256) public nonces;

    mapping(AccountId => Payout) private _payouts;

    /// @inheritdoc IVaultRequests
    function requestWithdrawal(AccountId account, address asset, uint256 amount) external {
        _checkOwner(account);
        _request(account, asset, _withdrawn(account, asset) + amount.toUint128());
    }

    /// @inheritdoc IVaultRequests
    function requestWithdrawalSigned(WithdrawalRequest calldata request, bytes calldata signature) external {
        _useSignature(request.account, request.nonce, request.deadline, requestDigest(request), signature);
        _request(request.account, request.asset, request.total);
    }

    /// @inheritdoc IVaultRequests
    function setPayout(AccountId account, address receiver, bool native) external {
        _checkOwner(account);
        _setPayout(account, receiver, native);
    }

    /// @inheritdoc IVaultRequests
    function setPayoutSigned(PayoutChoice calldata choice, bytes calldata signature) external {
        _useSignature(choice.account, choice.nonce, choice.deadline, payoutDigest(choice), signature);
        _setPayout(choice.account, choice.receiver, choice.native);
    }

    /// @inheritdoc IVaultRequests
    function payoutOf(AccountId account) public view returns (address receiver, bool native) {
        Payout memory payout = _payouts[account];
        return (payout.receiver == address(0) ? account.ownerOf() : payout.receiver, payout.native);
    }

    /// @inheritdoc IVaultRequests
    function requestDigest(WithdrawalRequest calldata request) public view returns (bytes32) {
        return _hashTypedData(keccak256(abi.encode(REQUEST_TYPEHASH, request)));
    }

    /// @inheritdoc IVaultRequests
    function payoutDigest(PayoutChoice calldata choice) public view returns (bytes32) {
        return _hashTypedData(keccak256(abi.encode(PAYOUT_TYPEHASH, choice)));
    }

    /// @dev Reverts for an asset that the vault does not list.
    function _withdrawn(AccountId account, address asset) internal view virtual returns (uint128);

    function _domainNameAndVersion() internal pure override returns (string memory, string memory) {
        return ("Plimsoll Vault", "1");
    }

    function _request(AccountId account, address asset, uint128 total) private {
        // A total below what is paid asks for nothing, as one that equals it.
        uint128 withdrawn = _withdrawn(account, asset);
        if (total < withdrawn) total = withdrawn;
        requestedTotal[account][asset] = total;
        emit WithdrawalRequested(account, asset, total);
    }

    function _setPayout(AccountId account, address receiver, bool native) private {
        if (receiver == address(this)) revert InvalidReceiver(receiver);
        _payouts[account] = Payout(receiver, native);
        emit PayoutSet(account, receiver, native);
    }

    function _checkOwner(AccountId account) private view {
        if (msg.sender != account.ownerOf()) revert NotAccountOwner(account, msg.sender);
    }

    /// @dev Both forms of a signature are taken: nothing is keyed by it, and the nonce is used up.
    function _useSignature(AccountId account, uint256 nonce, uint256 deadline, bytes32 digest, bytes calldata signature)
        private
    {
        address owner = account.ownerOf();
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
        if (nonce != nonces[owner]) revert WrongNonce(owner, nonces[owner], nonce);
        nonces[owner] = nonce + 1;
        if (!OwnerSignature.isValid(owner, digest, signature)) revert InvalidOwnerSignature(account, owner);
    }
}
