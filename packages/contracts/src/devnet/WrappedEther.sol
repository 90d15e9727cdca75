// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {WETH} from "solady/tokens/WETH.sol";

/// @title The wrapped native token of a test network; elsewhere the chain has its own
contract WrappedEther is WETH {}
