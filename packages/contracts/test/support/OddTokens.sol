// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title As USDT on Ethereum: `transfer` and `transferFrom` return nothing
contract NoReturnToken {
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    constructor() {
        balanceOf[msg.sender] = type(uint128).max;
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// @title A token that says no instead of reverting, when told to
contract FalseToken is ERC20 {
    bool private _refusing;

    constructor() ERC20("False", "FALSE") {
        _mint(msg.sender, type(uint128).max);
    }

    function setRefusing(bool refusing) external {
        _refusing = refusing;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return !_refusing && super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return !_refusing && super.transferFrom(from, to, amount);
    }
}

/// @title As USDC: its issuer can block an address
contract BlockingToken is ERC20 {
    mapping(address => bool) public blocked;

    error Blocked(address who);

    constructor() ERC20("Blocking", "BLOCK") {
        _mint(msg.sender, type(uint128).max);
    }

    function setBlocked(address who, bool value) external {
        blocked[who] = value;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (blocked[to]) revert Blocked(to);
        super._update(from, to, amount);
    }
}
