// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {MarginConsumer} from "../MarginConsumer.sol";
import {ScalarConsumer} from "../ScalarConsumer.sol";
import {MarginProofs} from "../interfaces/IMarginConsumer.sol";
import {AccountId} from "../types/Ids.sol";

/// @title Example of a scalar consumer: dollars lent against collateral that lies on other chains
/// @notice A lender puts a dollar token here; an account's owner draws it, up to the account's credit line, for a flat fee.
/// The worst loss is the whole debt with a cushion for a token that rises above a dollar.
/// @dev What the lender relies on: collateral worth more than the debt cannot be withdrawn, or used elsewhere, until the
/// debt is paid. Nobody can seize it, and a borrower whose collateral has fallen below the debt may stay away.
contract CreditLine is ScalarConsumer {
    using SafeERC20 for IERC20Metadata;

    uint256 public constant FEE_BPS = 10;
    uint256 public constant CUSHION_BPS = 200;

    /// @notice Worth a dollar. One that takes a fee when it is moved must not be used.
    IERC20Metadata public immutable token;
    address public immutable lender;
    uint256 private immutable _unit;

    /// @notice What an account has to pay back, fee included, in the token's decimals.
    mapping(AccountId => uint256) public debt;

    event Borrowed(AccountId indexed account, uint256 amount, uint256 debt);
    event Repaid(AccountId indexed account, uint256 amount, uint256 debt);

    error NotAccountOwner(AccountId account, address caller);
    error NotLender(address caller);

    constructor(address attestations_, IERC20Metadata token_, address lender_) MarginConsumer(attestations_) {
        (token, lender, _unit) = (token_, lender_, 10 ** token_.decimals());
    }

    /// @notice Pays `amount` to the account's owner, who owes it with the fee from now on.
    function borrow(AccountId account, uint256 amount, MarginProofs calldata proofs) external {
        if (msg.sender != account.ownerOf()) revert NotAccountOwner(account, msg.sender);
        uint256 owed = debt[account] + amount + FixedPointMathLib.mulDivUp(amount, FEE_BPS, 10_000);
        _raiseWorstLoss(account, SafeCast.toUint128(lossOf(owed) - lossOf(debt[account])), proofs);
        debt[account] = owed;
        emit Borrowed(account, amount, owed);
        token.safeTransfer(msg.sender, amount);
    }

    /// @notice Anybody may pay for anybody. More than is owed is not taken.
    function repay(AccountId account, uint256 amount) external {
        uint256 owed = debt[account];
        amount = FixedPointMathLib.min(amount, owed);
        debt[account] = owed - amount;
        _lowerWorstLoss(account, SafeCast.toUint128(lossOf(owed) - lossOf(owed - amount)));
        emit Repaid(account, amount, owed - amount);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @notice What is not lent goes back to the lender, and nowhere else.
    function take(uint256 amount) external {
        if (msg.sender != lender) revert NotLender(msg.sender);
        token.safeTransfer(lender, amount);
    }

    /// @notice The worst loss of a debt: USD with 8 decimals, rounded up.
    function lossOf(uint256 owed) public view returns (uint256) {
        return FixedPointMathLib.mulDivUp(owed, 1e8 * (10_000 + CUSHION_BPS), 10_000 * _unit);
    }
}
