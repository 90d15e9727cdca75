// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";
import {MerkleProofLib} from "solady/utils/MerkleProofLib.sol";
import {DerivativeMarket} from "../src/DerivativeMarket.sol";
import {Order} from "../src/interfaces/ISignedOrders.sol";
import {AttestationHash} from "../src/libraries/AttestationHash.sol";
import {LeafHash} from "../src/libraries/LeafHash.sol";
import {PackedInt64} from "../src/libraries/PackedInt64.sol";
import {Header} from "../src/types/Attestation.sol";
import {AccountId, InstrumentId} from "../src/types/Ids.sol";
import {
    AccountLeaf,
    AccountStatus,
    DeleverageLeaf,
    InstrumentLeaf,
    InstrumentStatus,
    WithdrawalLeaf
} from "../src/types/Leaves.sol";
import {Encodings} from "./support/Encodings.sol";
import {Merkle} from "./support/Merkle.sol";

/// @dev The literals were computed by packages/protocol and by viem: two implementations must agree byte for byte.
contract EncodingsTest is Test {
    AccountId private constant ACCOUNT =
        AccountId.wrap(0x00112233445566778899aabbccddeeff00112233000000000000000000000007);
    bytes32 private constant ACCOUNT_HASH = 0xa413eb665fb3b26a3eb555019341a6a4c4507dd2e2803b45a32fd2fcfaa0d1d4;
    bytes32 private constant INSTRUMENT_HASH = 0x26d4808e2dff0a0a7bc1816e4057a2b4c8f301a433098ddb466d7f0c55cbef6f;
    bytes32 private constant WITHDRAWAL_HASH = 0xed4f22f99bb5d6e046ade5ae072ef21ccf2263c9a7ef283dbd6b91c807bc8faf;
    bytes32 private constant CHAIN_ROOT_HASH = 0xc3a2ca0979fd74e5143113658c2226a29bb67c253280148263214cbad45ff3a7;
    bytes32 private constant TREE_ROOT = 0xa8e57d299f9463e4a56aba29875fbd4a58c0e999e8de462f19840b5b8dae02ba;

    function test_typeHashes() public pure {
        assertEq(LeafHash.ACCOUNT_TYPEHASH, 0xd7b730aaa555e855f42e78c636163a70d304f9f0662cea6639c03c33936eecf3);
        assertEq(LeafHash.INSTRUMENT_TYPEHASH, 0xf8df8f4168b3cf8593fab703b116d303eb6ed3d193f2c4f2616cc1b52479945d);
        assertEq(LeafHash.WITHDRAWAL_TYPEHASH, 0xc3226ca911e9cc1c87ebbd00ecbd51f3e0e634a93f11b06c53fcca672c943714);
        assertEq(LeafHash.DELEVERAGE_TYPEHASH, 0xb9796dcd5f78edee87e3aa8e9eb6dd30e5ecfa36772482128e64b05fbdeed26d);
        assertEq(LeafHash.CHAIN_ROOT_TYPEHASH, 0x3e078cd34cb397646c29cfcd42666c88e9b51d56fd8d40c5b822ea6a68088c99);
        assertEq(AttestationHash.HEADER_TYPEHASH, 0xf51abf234d90f33a19b1395faa9579871436f743e30b43ec51f78b57d3b12593);
        assertEq(AttestationHash.DOMAIN_TYPEHASH, 0x599a80fcaa47b95e2323ab4d34d34e0cc9feda4b843edafcc30c7bdf60ea15bf);
    }

    function test_leaves() public view {
        AccountLeaf memory account = AccountLeaf(
            ACCOUNT,
            0x1111111111111111111111111111111111111111,
            AccountStatus.ReduceOnly,
            type(uint128).max,
            hex"0000000000000000ffffffffffffffff7fffffffffffffff8000000000000000"
        );
        InstrumentLeaf memory instrument = InstrumentLeaf(
            InstrumentId.wrap("BTC-PERP"),
            InstrumentStatus.Settled,
            121_554.55e8,
            121_554.55e8 + 1,
            607_772_750,
            type(uint64).max,
            -123_456_789,
            25_000,
            abi.encodePacked(int64(121_554.55e8), int64(-5))
        );
        WithdrawalLeaf memory withdrawal = WithdrawalLeaf(
            ACCOUNT,
            0x2222222222222222222222222222222222222222,
            0x3333333333333333333333333333333333333333,
            123_456_789,
            987_654_321
        );
        assertEq(this.hashAccount(account), ACCOUNT_HASH);
        assertEq(this.hashInstrument(instrument), INSTRUMENT_HASH);
        assertEq(this.hashWithdrawal(withdrawal), WITHDRAWAL_HASH);
        assertEq(LeafHash.hashChainRoot(30_110, ACCOUNT_HASH), CHAIN_ROOT_HASH);
    }

    function test_deleverageLeaf() public view {
        AccountId other = AccountId.wrap(bytes32(uint256(AccountId.unwrap(ACCOUNT)) + 1));
        DeleverageLeaf memory leaf =
            DeleverageLeaf(ACCOUNT, 0x1111111111111111111111111111111111111111, new AccountId[](2));
        (leaf.queue[0], leaf.queue[1]) = (other, ACCOUNT);
        assertEq(this.hashDeleverage(leaf), 0xab5bf58b7cbeeed23cda0f053fdc6a861a99515555a4e5220d9979b4d386650e);
        assertEq(Encodings.hash(leaf), this.hashDeleverage(leaf));
        leaf.queue = new AccountId[](0);
        assertEq(Encodings.hash(leaf), this.hashDeleverage(leaf));
    }

    function test_tree() public view {
        bytes32[] memory leaves = new bytes32[](5);
        (leaves[0], leaves[1], leaves[2], leaves[3], leaves[4]) =
        (ACCOUNT_HASH, INSTRUMENT_HASH, WITHDRAWAL_HASH, CHAIN_ROOT_HASH, ACCOUNT_HASH);
        assertEq(Merkle.root(leaves), TREE_ROOT);
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = 0xc6b02532180a73a873b19a62248c4ce29f2b5814d29357de92ccf1ced4086c07;
        assertEq(Merkle.proof(leaves, 4), proof);
        assertTrue(this.verify(proof, TREE_ROOT, ACCOUNT_HASH));
    }

    function test_attestationDigest() public view {
        Header memory header = Header(4, 2, ACCOUNT_HASH, INSTRUMENT_HASH, 9, 1_760_130_000, 1_760_130_300);
        assertEq(
            this.digest(header, WITHDRAWAL_HASH), 0x91d3c9a183723349526c35f7efe532c884f480805b8b3b80d560378999c2e9a5
        );
    }

    function test_orderDigest() public {
        vm.chainId(31_337);
        address at = 0x4444444444444444444444444444444444444444;
        deployCodeTo("DerivativeMarket.sol", abi.encode(address(0), address(this)), at);
        Order memory order = Order(ACCOUNT, InstrumentId.wrap("BTC-PERP"), -1.5e8, 121_554.55e8, 1_760_130_300, 3, 77);
        assertEq(
            DerivativeMarket(at).orderDigest(order), 0x68c5972e0acc4aaf71205f049f9ef57cfa8160a2e29944db1420cdd5320aa450
        );
    }

    function testFuzz_leaves(
        AccountId id,
        uint8 status,
        uint128 grossLimit,
        bytes memory allotment,
        WithdrawalLeaf memory withdrawal
    ) public view {
        AccountLeaf memory account = AccountLeaf(id, withdrawal.vault, AccountStatus(status % 3), grossLimit, allotment);
        assertEq(this.hashAccount(account), Encodings.hash(account));
        assertEq(this.hashWithdrawal(withdrawal), Encodings.hash(withdrawal));
    }

    function testFuzz_instrumentLeaves(
        InstrumentId id,
        uint8 status,
        uint64[4] memory terms,
        int64 funding,
        uint32 stressBps,
        bytes memory prices
    ) public view {
        InstrumentLeaf memory leaf;
        (leaf.instrument, leaf.status, leaf.prices) = (id, InstrumentStatus(status % 3), prices);
        (leaf.mark, leaf.notional, leaf.charge, leaf.settlement) = (terms[0], terms[1], terms[2], terms[3]);
        (leaf.funding, leaf.stressBps) = (funding, stressBps);
        assertEq(this.hashInstrument(leaf), Encodings.hash(leaf));
    }

    function testFuzz_packedInt64(int64[] memory entries) public view {
        int256[] memory read = this.unpack(Encodings.pack(entries));
        assertEq(read.length, entries.length);
        for (uint256 i; i < entries.length; ++i) {
            assertEq(read[i], entries[i]);
        }
    }

    function hashAccount(AccountLeaf calldata leaf) external pure returns (bytes32) {
        return LeafHash.hashAccount(leaf);
    }

    function hashInstrument(InstrumentLeaf calldata leaf) external pure returns (bytes32) {
        return LeafHash.hashInstrument(leaf);
    }

    function hashDeleverage(DeleverageLeaf calldata leaf) external pure returns (bytes32) {
        return LeafHash.hashDeleverage(leaf);
    }

    function hashWithdrawal(WithdrawalLeaf calldata leaf) external pure returns (bytes32) {
        return LeafHash.hashWithdrawal(leaf);
    }

    function digest(Header calldata header, bytes32 salt) external pure returns (bytes32) {
        return AttestationHash.digest(header, AttestationHash.domainSeparator(salt));
    }

    function verify(bytes32[] calldata proof, bytes32 root, bytes32 leaf) external pure returns (bool) {
        return MerkleProofLib.verifyCalldata(proof, root, leaf);
    }

    function unpack(bytes calldata packed) external pure returns (int256[] memory entries) {
        entries = new int256[](packed.length / 8);
        for (uint256 i; i < entries.length; ++i) {
            entries[i] = PackedInt64.at(PackedInt64.start(packed), i);
        }
    }
}
