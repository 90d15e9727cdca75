// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Merkle trees of docs/PROTOCOL.md, built the plain way
library Merkle {
    function parent(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a < b ? keccak256(abi.encodePacked(a, b)) : keccak256(abi.encodePacked(b, a));
    }

    /// @dev A node without a sibling moves up as it is. No leaves: the zero root.
    function root(bytes32[] memory nodes) internal pure returns (bytes32) {
        if (nodes.length == 0) return bytes32(0);
        while (nodes.length > 1) {
            nodes = _above(nodes);
        }
        return nodes[0];
    }

    function proof(bytes32[] memory nodes, uint256 index) internal pure returns (bytes32[] memory path) {
        path = new bytes32[](0);
        while (nodes.length > 1) {
            uint256 sibling = index ^ 1;
            if (sibling < nodes.length) path = append(path, nodes[sibling]);
            nodes = _above(nodes);
            index /= 2;
        }
    }

    /// @notice The root of a tree of which `node` is the left-most inner node, `siblings` above one another.
    function extend(bytes32 node, bytes32[] memory siblings) internal pure returns (bytes32) {
        for (uint256 i; i < siblings.length; ++i) {
            node = parent(node, siblings[i]);
        }
        return node;
    }

    function append(bytes32[] memory list, bytes32 item) internal pure returns (bytes32[] memory longer) {
        longer = new bytes32[](list.length + 1);
        for (uint256 i; i < list.length; ++i) {
            longer[i] = list[i];
        }
        longer[list.length] = item;
    }

    function concat(bytes32[] memory a, bytes32[] memory b) internal pure returns (bytes32[] memory joined) {
        joined = a;
        for (uint256 i; i < b.length; ++i) {
            joined = append(joined, b[i]);
        }
    }

    function _above(bytes32[] memory nodes) private pure returns (bytes32[] memory above) {
        above = new bytes32[]((nodes.length + 1) / 2);
        for (uint256 i; i < above.length; ++i) {
            above[i] = 2 * i + 1 < nodes.length ? parent(nodes[2 * i], nodes[2 * i + 1]) : nodes[2 * i];
        }
    }
}
