// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Header} from "../../src/types/Attestation.sol";
import {AccountId, InstrumentId} from "../../src/types/Ids.sol";
import {AccountLeaf, DeleverageLeaf, InstrumentLeaf, WithdrawalLeaf} from "../../src/types/Leaves.sol";

/// @title The encodings of docs/PROTOCOL.md, written a second time and without the contracts' own code
library Encodings {
    function accountId(address owner, uint96 subaccount) internal pure returns (AccountId) {
        return AccountId.wrap(bytes32(abi.encodePacked(owner, subaccount)));
    }

    function pack(int64[] memory entries) internal pure returns (bytes memory packed) {
        for (uint256 i; i < entries.length; ++i) {
            packed = abi.encodePacked(packed, entries[i]);
        }
    }

    function hash(AccountLeaf memory leaf) internal pure returns (bytes32) {
        bytes32 kind =
            keccak256("AccountLeaf(bytes32 account,address consumer,uint8 status,uint128 grossLimit,bytes allotment)");
        bytes32 allotment = keccak256(leaf.allotment);
        return _twice(abi.encode(kind, leaf.account, leaf.consumer, leaf.status, leaf.grossLimit, allotment));
    }

    function hash(InstrumentLeaf memory leaf) internal pure returns (bytes32) {
        bytes32 kind = keccak256(
            "InstrumentLeaf(bytes32 instrument,uint8 status,uint64 mark,uint64 notional,uint64 charge,uint64 settlement,int64 funding,uint32 stressBps,bytes prices)"
        );
        bytes32 prices = keccak256(leaf.prices);
        bytes memory terms = abi.encode(kind, leaf.instrument, leaf.status, leaf.mark, leaf.notional, leaf.charge);
        return _twice(bytes.concat(terms, abi.encode(leaf.settlement, leaf.funding, leaf.stressBps, prices)));
    }

    function hash(WithdrawalLeaf memory leaf) internal pure returns (bytes32) {
        bytes32 kind = keccak256(
            "WithdrawalLeaf(bytes32 account,address vault,address asset,uint128 approvedTotal,uint128 exitTotal)"
        );
        return _twice(abi.encode(kind, leaf.account, leaf.vault, leaf.asset, leaf.approvedTotal, leaf.exitTotal));
    }

    function hash(DeleverageLeaf memory leaf) internal pure returns (bytes32) {
        bytes32 kind = keccak256("DeleverageLeaf(bytes32 account,address consumer,bytes32[] queue)");
        bytes memory words;
        for (uint256 i; i < leaf.queue.length; ++i) {
            words = bytes.concat(words, AccountId.unwrap(leaf.queue[i]));
        }
        return _twice(abi.encode(kind, leaf.account, leaf.consumer, keccak256(words)));
    }

    function chainLeaf(uint32 eid, bytes32 root) internal pure returns (bytes32) {
        return _twice(abi.encode(keccak256("ChainRoot(uint32 eid,bytes32 root)"), eid, root));
    }

    function digest(Header memory header, bytes32 salt) internal pure returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,bytes32 salt)"),
                keccak256("Plimsoll"),
                keccak256("1"),
                salt
            )
        );
        bytes32 kind = keccak256(
            "Attestation(uint64 epoch,uint32 operatorSetId,bytes32 root,bytes32 cutHash,uint32 riskVersion,uint64 issuedAt,uint64 expiresAt)"
        );
        return keccak256(abi.encodePacked(hex"1901", domain, keccak256(abi.encode(kind, header))));
    }

    function _twice(bytes memory data) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(keccak256(data)));
    }
}
