// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title A malicious token that also wraps ether: it calls into its victim whenever it is asked for anything
/// @dev `balanceOf` is not `view` here, though callers take it for one. Whoever owns the tokens is of no interest.
contract ReentrantToken {
    enum Hook {
        None,
        Transfer,
        TransferFrom,
        BalanceOf,
        Permit,
        Wrap,
        Unwrap,
        Receive
    }

    mapping(address => uint256) private _balances;
    address private _victim;
    Hook private _hook;
    bytes private _call;
    uint256 private _value;

    bool public attempted;
    bool public succeeded;
    bytes4 public refusal;

    error SucceededInAView();

    function attack(Hook hook, address victim, bytes calldata data, uint256 value) external {
        (_hook, _victim, _call, _value) = (hook, victim, data, value);
        (attempted, succeeded, refusal) = (false, false, 0);
    }

    /// @notice What the token does on its own, outside of any hook.
    function act(address target, bytes calldata data, uint256 value) external {
        (bool success, bytes memory reason) = target.call{value: value}(data);
        if (success) return;
        assembly ("memory-safe") {
            revert(add(reason, 32), mload(reason))
        }
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        _move(msg.sender, to, amount);
        _reenter(Hook.Transfer);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        _move(from, to, amount);
        _reenter(Hook.TransferFrom);
        return true;
    }

    function balanceOf(address who) external returns (uint256) {
        if (_hook == Hook.BalanceOf && msg.sender == _victim) {
            (bool success,) = _victim.call{value: _value}(_call);
            if (success) revert SucceededInAView();
        }
        return _balances[who];
    }

    function permit(address, address, uint256, uint256, uint8, bytes32, bytes32) external {
        _reenter(Hook.Permit);
    }

    function deposit() external payable {
        _balances[msg.sender] += msg.value;
        _reenter(Hook.Wrap);
    }

    function withdraw(uint256 amount) external {
        _balances[msg.sender] -= amount;
        _reenter(Hook.Unwrap);
        (bool success,) = msg.sender.call{value: amount}("");
        require(success);
    }

    function _reenter(Hook hook) private {
        if (_hook != hook) return;
        (bool success, bytes memory reason) = _victim.call{value: _value}(_call);
        (attempted, succeeded, refusal) = (true, success, bytes4(reason));
    }

    /// @dev Coins of the attacker's making: only the vault's are counted.
    function _move(address from, address to, uint256 amount) private {
        if (_balances[from] >= amount) _balances[from] -= amount;
        _balances[to] += amount;
    }

    /// @dev As the receiver of a payment in ether.
    receive() external payable {
        if (msg.sender == _victim) _reenter(Hook.Receive);
    }
}
