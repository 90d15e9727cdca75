// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {EfficientHashLib} from "solady/utils/EfficientHashLib.sol";
import {AccountLeaf, DeleverageLeaf, InstrumentLeaf, WithdrawalLeaf} from "../types/Leaves.sol";

/// @title Hashes of Merkle leaves
/// @notice `keccak256(keccak256(abi.encode(TYPEHASH, fields...)))` with `bytes` fields replaced by their keccak256, and
/// arrays by that of their words one after the other.
/// @dev Hashed twice, so that no inner node of a tree (64 bytes, hashed once) can be read as a leaf. The type hash
/// keeps one kind of leaf from being read as another.
library LeafHash {
    bytes32 internal constant ACCOUNT_TYPEHASH =
        keccak256("AccountLeaf(bytes32 account,address consumer,uint8 status,uint128 grossLimit,bytes allotment)");
    bytes32 internal constant INSTRUMENT_TYPEHASH = keccak256(
        "InstrumentLeaf(bytes32 instrument,uint8 status,uint64 mark,uint64 notional,uint64 charge,uint64 settlement,int64 funding,uint32 stressBps,bytes prices)"
    );
    bytes32 internal constant WITHDRAWAL_TYPEHASH = keccak256(
        "WithdrawalLeaf(bytes32 account,address vault,address asset,uint128 approvedTotal,uint128 exitTotal)"
    );
    bytes32 internal constant DELEVERAGE_TYPEHASH =
        keccak256("DeleverageLeaf(bytes32 account,address consumer,bytes32[] queue)");
    bytes32 internal constant CHAIN_ROOT_TYPEHASH = keccak256("ChainRoot(uint32 eid,bytes32 root)");

    function hashAccount(AccountLeaf calldata leaf) internal pure returns (bytes32) {
        return hashAccount(leaf, leaf.allotment);
    }

    /// @param allotment The leaf's own, for whoever has looked it up.
    function hashAccount(AccountLeaf calldata leaf, bytes calldata allotment) internal pure returns (bytes32) {
        return _hash(ACCOUNT_TYPEHASH, _at(leaf), 4, EfficientHashLib.hashCalldata(allotment));
    }

    function hashInstrument(InstrumentLeaf calldata leaf) internal pure returns (bytes32) {
        return _hash(INSTRUMENT_TYPEHASH, _at(leaf), 8, EfficientHashLib.hashCalldata(leaf.prices));
    }

    function hashWithdrawal(WithdrawalLeaf calldata leaf) internal pure returns (bytes32) {
        return EfficientHashLib.hash(keccak256(abi.encode(WITHDRAWAL_TYPEHASH, leaf)));
    }

    function hashDeleverage(DeleverageLeaf calldata leaf) internal pure returns (bytes32) {
        bytes32 queue = keccak256(abi.encodePacked(leaf.queue));
        return EfficientHashLib.hash(keccak256(abi.encode(DELEVERAGE_TYPEHASH, leaf.account, leaf.consumer, queue)));
    }

    function hashChainRoot(uint32 eid, bytes32 root) internal pure returns (bytes32) {
        return EfficientHashLib.hash(EfficientHashLib.hash(CHAIN_ROOT_TYPEHASH, bytes32(uint256(eid)), root));
    }

    /// @dev The fields before the array lie in calldata as they are encoded, a word each: they are hashed from there. A
    /// word with bits beyond its type is no proven leaf's.
    function _hash(bytes32 typeHash, uint256 fieldsAt, uint256 fields, bytes32 array)
        private
        pure
        returns (bytes32 hash)
    {
        assembly ("memory-safe") {
            let words := mload(0x40)
            let size := shl(5, fields)
            mstore(words, typeHash)
            calldatacopy(add(words, 0x20), fieldsAt, size)
            mstore(add(words, add(size, 0x20)), array)
            mstore(0x00, keccak256(words, add(size, 0x40)))
            hash := keccak256(0x00, 0x20)
        }
    }

    function _at(AccountLeaf calldata leaf) private pure returns (uint256 at) {
        assembly ("memory-safe") {
            at := leaf
        }
    }

    function _at(InstrumentLeaf calldata leaf) private pure returns (uint256 at) {
        assembly ("memory-safe") {
            at := leaf
        }
    }
}
