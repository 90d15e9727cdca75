// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Vm} from "forge-std/Vm.sol";

/// @title Keys of operators, ascending by address, and their signatures
library Operators {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @param seed Two different seeds give two sets without a common member.
    function create(uint256 count, uint256 seed) internal pure returns (uint256[] memory keys) {
        keys = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            uint256 key = uint256(keccak256(abi.encode(seed, i))) >> 1;
            uint256 at = i;
            for (; at > 0 && VM.addr(keys[at - 1]) > VM.addr(key); --at) {
                keys[at] = keys[at - 1];
            }
            keys[at] = key;
        }
    }

    function addresses(uint256[] memory keys) internal pure returns (address[] memory members) {
        members = new address[](keys.length);
        for (uint256 i; i < keys.length; ++i) {
            members[i] = VM.addr(keys[i]);
        }
    }

    /// @notice Signatures of the first `count` keys.
    function sign(uint256[] memory keys, uint256 count, bytes32 digest)
        internal
        pure
        returns (bytes memory signatures)
    {
        for (uint256 i; i < count; ++i) {
            signatures = bytes.concat(signatures, sign(keys[i], digest));
        }
    }

    function sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }
}
