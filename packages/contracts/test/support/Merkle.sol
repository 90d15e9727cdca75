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

    struct Walk {
        bytes32[] siblings;
        bytes steps;
    }

    /// @notice One proof for all marked leaves: from a leaf up until the other half has marked leaves of its own, which
    /// come first then.
    function multiProof(bytes32[] memory nodes, bool[] memory marked)
        internal
        pure
        returns (bytes32[] memory siblings, bytes memory steps)
    {
        Walk memory walk = Walk(new bytes32[](0), "");
        uint256 height;
        while ((1 << height) < nodes.length) ++height;
        if (nodes.length > 0) _walk(walk, nodes, marked, 0, height);
        return (walk.siblings, walk.steps);
    }

    /// @notice As in a tree of 2^depth leaves in which `groups` lie far apart: the first one on the left, and each
    /// joining those before it at one of the topmost levels.
    function farApart(bytes32[][] memory groups, uint256 depth)
        internal
        pure
        returns (bytes32 top, bytes32[] memory siblings, bytes memory steps)
    {
        Walk memory walk = Walk(new bytes32[](0), "");
        for (uint256 i; i < groups.length; ++i) {
            uint256 height;
            while ((1 << height) < groups[i].length) ++height;
            bool[] memory all = new bool[](groups[i].length);
            for (uint256 j; j < all.length; ++j) {
                all[j] = true;
            }
            _walk(walk, groups[i], all, 0, height);
            bytes32 node = root(groups[i]);
            uint256 joinsAt = i == 0 ? depth + 1 - groups.length : depth - groups.length + i;
            for (; height < joinsAt; ++height) {
                bytes32 sibling = keccak256(abi.encode("sibling", i, height));
                _climb(walk, sibling);
                node = parent(node, sibling);
            }
            if (i > 0) _merge(walk);
            top = i == 0 ? node : parent(top, node);
        }
        return (top, walk.siblings, walk.steps);
    }

    /// @dev The subtree of up to 2^height leaves from `from` on.
    function _walk(Walk memory walk, bytes32[] memory nodes, bool[] memory marked, uint256 from, uint256 height)
        private
        pure
    {
        if (height == 0) return _push(walk);
        uint256 middle = from + (1 << (height - 1));
        uint256 end = from + (1 << height);
        bool left = _any(marked, from, middle);
        bool right = _any(marked, middle, end);
        if (left) _walk(walk, nodes, marked, from, height - 1);
        if (right) _walk(walk, nodes, marked, middle, height - 1);
        if (left && right) return _merge(walk);
        (uint256 otherFrom, uint256 otherEnd) = left ? (middle, end) : (from, middle);
        if (otherFrom >= nodes.length) return;
        _climb(walk, root(_slice(nodes, otherFrom, otherEnd)));
    }

    function _any(bool[] memory marked, uint256 from, uint256 end) private pure returns (bool) {
        for (uint256 i = from; i < end && i < marked.length; ++i) {
            if (marked[i]) return true;
        }
        return false;
    }

    function _slice(bytes32[] memory nodes, uint256 from, uint256 end) private pure returns (bytes32[] memory part) {
        if (end > nodes.length) end = nodes.length;
        part = new bytes32[](end - from);
        for (uint256 i; i < part.length; ++i) {
            part[i] = nodes[from + i];
        }
    }

    function _push(Walk memory walk) private pure {
        walk.steps = abi.encodePacked(walk.steps, uint8(255));
    }

    function _merge(Walk memory walk) private pure {
        walk.steps = abi.encodePacked(walk.steps, uint8(0));
    }

    /// @dev Siblings one after the other are one step.
    function _climb(Walk memory walk, bytes32 sibling) private pure {
        walk.siblings = append(walk.siblings, sibling);
        uint256 last = walk.steps.length - 1;
        uint8 kind = uint8(walk.steps[last]);
        if (kind > 0 && kind < 254) walk.steps[last] = bytes1(kind + 1);
        else walk.steps = abi.encodePacked(walk.steps, uint8(1));
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
