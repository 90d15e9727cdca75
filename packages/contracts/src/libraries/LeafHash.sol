// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {EfficientHashLib} from "solady/utils/EfficientHashLib.sol";
import {AccountLeaf, InstrumentLeaf, WithdrawalLeaf} from "../types/Leaves.sol";

/// @title Hashes of Merkle leaves
/// @notice `keccak256(keccak256(abi.encode(TYPEHASH, fields...)))` with `bytes` fields replaced by their keccak256.
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
    bytes32 internal constant CHAIN_ROOT_TYPEHASH = keccak256("ChainRoot(uint32 eid,bytes32 root)");

    function hashAccount(AccountLeaf calldata leaf) internal pure returns (bytes32) {
        bytes32 inner = keccak256(
            abi.encode(
                ACCOUNT_TYPEHASH,
                leaf.account,
                leaf.consumer,
                leaf.status,
                leaf.grossLimit,
                EfficientHashLib.hashCalldata(leaf.allotment)
            )
        );
        return EfficientHashLib.hash(inner);
    }

    function hashInstrument(InstrumentLeaf calldata leaf) internal pure returns (bytes32) {
        bytes32 inner = keccak256(
            abi.encode(
                INSTRUMENT_TYPEHASH,
                leaf.instrument,
                leaf.status,
                leaf.mark,
                leaf.notional,
                leaf.charge,
                leaf.settlement,
                leaf.funding,
                leaf.stressBps,
                EfficientHashLib.hashCalldata(leaf.prices)
            )
        );
        return EfficientHashLib.hash(inner);
    }

    function hashWithdrawal(WithdrawalLeaf calldata leaf) internal pure returns (bytes32) {
        return EfficientHashLib.hash(keccak256(abi.encode(WITHDRAWAL_TYPEHASH, leaf)));
    }

    function hashChainRoot(uint32 eid, bytes32 root) internal pure returns (bytes32) {
        return EfficientHashLib.hash(EfficientHashLib.hash(CHAIN_ROOT_TYPEHASH, bytes32(uint256(eid)), root));
    }
}
