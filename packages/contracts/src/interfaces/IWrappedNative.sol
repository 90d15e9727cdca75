// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title A chain's wrapped native token, as WETH9 has it
interface IWrappedNative {
    function deposit() external payable;
    function withdraw(uint256 amount) external;
}
