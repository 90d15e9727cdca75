// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";
import {MultiProof} from "../src/libraries/MultiProof.sol";
import {Merkle} from "./support/Merkle.sol";

/// @dev Programs for the stack that do not do what a proof has to do. The differential test has those that do.
contract MultiProofTest is Test {
    struct Proof {
        bytes32 root;
        bytes32[] leaves;
        bytes32[] siblings;
        bytes steps;
    }

    /// @dev Any leaves of any tree, in the program that goes with them; in no other root.
    function testFuzz_verify(uint256 size, uint256 marks, bytes32 otherRoot) public view {
        Proof memory proof = _proof(size, marks);
        assertTrue(_holds(proof));
        vm.assume(otherRoot != proof.root);
        proof.root = otherRoot;
        assertFalse(_holds(proof));
    }

    /// @dev Of any kind, anywhere.
    function testFuzz_verify_aStepMore(uint256 size, uint256 marks, uint256 at, bytes1 kind) public view {
        Proof memory proof = _proof(size, marks);
        at = bound(at, 0, proof.steps.length);
        proof.steps = abi.encodePacked(_slice(proof.steps, 0, at), kind, _slice(proof.steps, at, proof.steps.length));
        assertFalse(_holds(proof));
    }

    function testFuzz_verify_aStepLess(uint256 size, uint256 marks, uint256 at) public view {
        Proof memory proof = _proof(size, marks);
        at = bound(at, 0, proof.steps.length - 1);
        proof.steps = abi.encodePacked(_slice(proof.steps, 0, at), _slice(proof.steps, at + 1, proof.steps.length));
        assertFalse(_holds(proof));
    }

    /// @dev What is on the stack already is the root, and yet there is no proof: each has something left or is short of
    /// something.
    function test_verify_nothingOverAndNothingShort() public view {
        bytes32[] memory leaf = new bytes32[](1);
        leaf[0] = keccak256("the only leaf");
        bytes32[] memory none = new bytes32[](0);
        assertTrue(this.verify(leaf[0], leaf, none, hex"ff"));
        assertFalse(this.verify(leaf[0], leaf, none, hex"ffff"), "a leaf that was not given");
        assertFalse(this.verify(leaf[0], leaf, none, hex"ff00"), "a pair of one");
        assertFalse(this.verify(leaf[0], leaf, none, hex"00ff"), "a pair of none");
        assertFalse(this.verify(leaf[0], leaf, leaf, hex"01ff"), "a sibling of none");
        assertFalse(this.verify(leaf[0], leaf, leaf, hex"ff"), "a sibling left");
        assertFalse(this.verify(leaf[0], leaf, none, hex"ff01"), "a sibling short");
        assertFalse(this.verify(leaf[0], Merkle.append(leaf, leaf[0]), none, hex"ff"), "a leaf left");
        assertFalse(this.verify(leaf[0], Merkle.append(leaf, leaf[0]), none, hex"ffff"), "two roots");
        assertFalse(this.verify(leaf[0], leaf, none, ""), "no step");
        assertFalse(this.verify(bytes32(0), none, none, ""), "nothing of an empty tree");
    }

    function verify(bytes32 root, bytes32[] memory leaves, bytes32[] calldata siblings, bytes calldata steps)
        external
        pure
        returns (bool)
    {
        return MultiProof.verify(root, leaves, siblings, steps);
    }

    function _holds(Proof memory proof) private view returns (bool) {
        return this.verify(proof.root, proof.leaves, proof.siblings, proof.steps);
    }

    /// @dev Of up to 40 leaves, one at least.
    function _proof(uint256 size, uint256 marks) private pure returns (Proof memory proof) {
        size = bound(size, 1, 40);
        bytes32[] memory nodes = new bytes32[](size);
        bool[] memory marked = new bool[](size);
        proof.leaves = new bytes32[](0);
        for (uint256 i; i < size; ++i) {
            nodes[i] = keccak256(abi.encode("leaf", i));
            marked[i] = marks >> i & 1 == 1 || marks % size == i;
            if (marked[i]) proof.leaves = Merkle.append(proof.leaves, nodes[i]);
        }
        proof.root = Merkle.root(nodes);
        (proof.siblings, proof.steps) = Merkle.multiProof(nodes, marked);
    }

    function _slice(bytes memory steps, uint256 from, uint256 end) private pure returns (bytes memory part) {
        for (uint256 i = from; i < end; ++i) {
            part = abi.encodePacked(part, steps[i]);
        }
    }
}
