// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccountId} from "../types/Ids.sol";

/// @notice EIP-712: `WithdrawalRequest(bytes32 account,address asset,uint128 total,uint256 nonce,uint256 deadline)`.
/// @param total What the owner wants paid in all, withdrawn before included: a cumulative total, so that a request
/// means the same whatever is paid before it arrives.
/// @param nonce `nonces(owner)`: each owner's signatures are used in order, each once.
/// @param deadline Seconds since 1970; the last one at which it is taken.
struct WithdrawalRequest {
    AccountId account;
    address asset;
    uint128 total;
    uint256 nonce;
    uint256 deadline;
}

/// @notice EIP-712: `PayoutChoice(bytes32 account,address receiver,bool native,uint256 nonce,uint256 deadline)`.
/// @param receiver Who is paid; zero for the owner.
/// @param native Whether the wrapped native token is unwrapped and paid as ether.
struct PayoutChoice {
    AccountId account;
    address receiver;
    bool native;
    uint256 nonce;
    uint256 deadline;
}

/// @title What the owner of an account, and nobody else, asks of a vault
/// @notice By transaction, or by an EIP-712 signature that anyone may submit: of a key, or of a contract wallet
/// (ERC-1271). Domain: name `Plimsoll Vault`, version `1`, chain id and the vault's address.
interface IVaultRequests {
    /// @dev `requestedTotal` is a cumulative total: `withdrawn` plus the amount asked for.
    event WithdrawalRequested(AccountId indexed account, address indexed asset, uint128 requestedTotal);
    /// @dev A receiver of zero stands for the owner.
    event PayoutSet(AccountId indexed account, address receiver, bool native);

    error NotAccountOwner(AccountId account, address caller);
    error SignatureExpired(uint256 deadline);
    error InvalidOwnerSignature(AccountId account, address owner);
    error WrongNonce(address owner, uint256 nonce, uint256 given);
    /// @dev The vault itself: what is paid to it is nobody's any more.
    error InvalidReceiver(address receiver);

    /// @notice Asks the operators to approve paying out `amount` of `asset`; replaces an earlier open request.
    /// @dev 0 cancels. Operators approve all of it once the account is solvent without it, or nothing. Also says how
    /// much `claimExit` may pay.
    function requestWithdrawal(AccountId account, address asset, uint256 amount) external;

    /// @notice As `requestWithdrawal`, by the owner's signature.
    function requestWithdrawalSigned(WithdrawalRequest calldata request, bytes calldata signature) external;

    /// @notice Names who is paid, and how, from now on: also for what was approved before.
    function setPayout(AccountId account, address receiver, bool native) external;

    /// @notice As `setPayout`, by the owner's signature.
    function setPayoutSigned(PayoutChoice calldata choice, bytes calldata signature) external;

    function requestedTotal(AccountId account, address asset) external view returns (uint128);

    /// @notice Who is paid (the owner unless somebody else was named), and whether in ether.
    function payoutOf(AccountId account) external view returns (address receiver, bool native);

    /// @notice The nonce that the owner's next signature has to carry.
    function nonces(address owner) external view returns (uint256);

    /// @notice EIP-712 digest that the owner signs.
    function requestDigest(WithdrawalRequest calldata request) external view returns (bytes32);

    /// @notice EIP-712 digest that the owner signs.
    function payoutDigest(PayoutChoice calldata choice) external view returns (bytes32);
}
