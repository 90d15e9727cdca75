// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A token that takes a fee, fails or calls back, as a test wants
contract AwkwardToken is ERC20 {
    uint256 private _feeBps;
    bool private _failing;
    address private _target;
    bytes private _call;

    error Failing();

    constructor() ERC20("Awkward", "AWK") {
        _mint(msg.sender, type(uint192).max);
    }

    function setFeeBps(uint256 feeBps) external {
        _feeBps = feeBps;
    }

    function setFailing(bool failing) external {
        _failing = failing;
    }

    function onTransferCall(address target, bytes calldata data) external {
        (_target, _call) = (target, data);
    }

    function _update(address from, address to, uint256 value) internal override {
        if (_failing) revert Failing();
        if (_target != address(0)) {
            (bool success, bytes memory reason) = _target.call(_call);
            if (!success) {
                assembly ("memory-safe") {
                    revert(add(reason, 32), mload(reason))
                }
            }
        }
        uint256 fee = from == address(0) ? 0 : value * _feeBps / 10_000;
        super._update(from, to, value - fee);
        if (fee > 0) super._update(from, address(0xdead), fee);
    }
}
