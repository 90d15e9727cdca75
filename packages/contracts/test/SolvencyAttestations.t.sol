// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SolvencyAttestations} from "../src/SolvencyAttestations.sol";
import {IOperatorRegistry, OperatorSet} from "../src/interfaces/IOperatorRegistry.sol";
import {ISolvencyAttestations} from "../src/interfaces/ISolvencyAttestations.sol";
import {Attestation, Header} from "../src/types/Attestation.sol";
import {AttestedChain} from "./support/AttestedChain.sol";
import {Encodings} from "./support/Encodings.sol";
import {Operators} from "./support/Operators.sol";

contract SolvencyAttestationsTest is AttestedChain {
    bytes32 private constant ROOT = keccak256("leaves of this chain");
    uint256 private constant CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    function setUp() public {
        setUpChain(5, 3);
    }

    function test_post() public {
        Attestation memory attestation = attest(ROOT);
        Header memory header = attestation.header;
        vm.expectEmit(address(attestations));
        emit ISolvencyAttestations.AttestationPosted(header.epoch, header.root, ROOT, header.expiresAt);
        attestations.post(attestation);
        (uint64 epoch, bytes32 chainRoot, uint64 expiresAt) = attestations.newest();
        assertEq(epoch, header.epoch);
        assertEq(chainRoot, ROOT);
        assertEq(expiresAt, header.expiresAt);
    }

    function testFuzz_digest_isEip712WithSaltAndWithoutChainId(Header calldata header, uint64 chainId) public {
        vm.chainId(bound(chainId, 1, type(uint64).max));
        assertEq(attestations.digest(header), Encodings.digest(header, SALT));
    }

    function test_newest_error_beforeTheFirst() public {
        vm.expectRevert(ISolvencyAttestations.NoAttestation.selector);
        attestations.newest();
    }

    /// @dev Any quorum will do, whichever members form it; and so will more signatures than needed.
    function testFuzz_post_anyQuorum(uint8 chosen) public {
        Attestation memory attestation = unsigned(ROOT);
        (bytes memory signatures, uint256 count) = _signedBy(chosen, attestation.header);
        attestation.signatures = signatures;
        if (count < threshold) {
            vm.expectRevert(abi.encodeWithSelector(ISolvencyAttestations.TooFewSignatures.selector, count, threshold));
        }
        attestations.post(attestation);
    }

    function test_post_error_duplicateSigner() public {
        Attestation memory attestation = unsigned(ROOT);
        bytes32 digest = Encodings.digest(attestation.header, SALT);
        attestation.signatures = bytes.concat(
            Operators.sign(keys[0], digest), Operators.sign(keys[1], digest), Operators.sign(keys[1], digest)
        );
        vm.expectRevert(abi.encodeWithSelector(ISolvencyAttestations.SignersNotAscending.selector, 2));
        attestations.post(attestation);
    }

    function test_post_error_unorderedSigners() public {
        Attestation memory attestation = unsigned(ROOT);
        bytes32 digest = Encodings.digest(attestation.header, SALT);
        attestation.signatures = bytes.concat(
            Operators.sign(keys[1], digest), Operators.sign(keys[0], digest), Operators.sign(keys[2], digest)
        );
        vm.expectRevert(abi.encodeWithSelector(ISolvencyAttestations.SignersNotAscending.selector, 1));
        attestations.post(attestation);
    }

    function test_post_error_highS() public {
        Attestation memory attestation = unsigned(ROOT);
        bytes32 digest = Encodings.digest(attestation.header, SALT);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keys[0], digest);
        bytes memory mirrored = abi.encodePacked(r, bytes32(CURVE_ORDER - uint256(s)), v == 27 ? uint8(28) : uint8(27));
        attestation.signatures =
            bytes.concat(mirrored, Operators.sign(keys[1], digest), Operators.sign(keys[2], digest));
        vm.expectRevert(abi.encodeWithSelector(ISolvencyAttestations.InvalidSignature.selector, 0));
        attestations.post(attestation);
    }

    function testFuzz_post_error_otherRecoveryId(uint8 v) public {
        vm.assume(v != 27 && v != 28);
        Attestation memory attestation = attest(ROOT);
        attestation.signatures[64] = bytes1(v);
        vm.expectRevert(abi.encodeWithSelector(ISolvencyAttestations.InvalidSignature.selector, 0));
        attestations.post(attestation);
    }

    function test_post_error_ragged() public {
        Attestation memory attestation = attest(ROOT);
        attestation.signatures = bytes.concat(attestation.signatures, hex"00");
        vm.expectRevert(abi.encodeWithSelector(ISolvencyAttestations.InvalidSignature.selector, 3));
        attestations.post(attestation);
    }

    function test_post_error_stranger() public {
        Attestation memory attestation = unsigned(ROOT);
        bytes32 digest = Encodings.digest(attestation.header, SALT);
        uint256[] memory strangers = Operators.create(3, 2);
        attestation.signatures = Operators.sign(strangers, 3, digest);
        vm.expectPartialRevert(ISolvencyAttestations.NotAMember.selector);
        attestations.post(attestation);
    }

    /// @dev A signature over one header is none over another, whichever field differs.
    function testFuzz_post_error_signatureOfAnotherHeader(uint256 field) public {
        Attestation memory attestation = attest(ROOT);
        field = bound(field, 0, 4);
        if (field == 0) ++attestation.header.epoch;
        if (field == 1) attestation.header.cutHash = bytes32(uint256(attestation.header.cutHash) + 1);
        if (field == 2) ++attestation.header.riskVersion;
        if (field == 3) --attestation.header.issuedAt;
        if (field == 4) ++attestation.header.expiresAt;
        vm.expectRevert();
        attestations.post(attestation);
    }

    function test_post_error_otherDeployment() public {
        Attestation memory attestation = unsigned(ROOT);
        attestation.signatures = Operators.sign(keys, 3, Encodings.digest(attestation.header, keccak256("another")));
        vm.expectRevert();
        attestations.post(attestation);
    }

    function test_post_error_notNewer() public {
        Attestation memory first = attest(ROOT);
        Attestation memory second = attest(ROOT);
        attestations.post(second);
        vm.expectRevert(abi.encodeWithSelector(ISolvencyAttestations.StaleEpoch.selector, 1, 2));
        attestations.post(first);
        vm.expectRevert(abi.encodeWithSelector(ISolvencyAttestations.StaleEpoch.selector, 2, 2));
        attestations.post(second);
    }

    function test_post_error_expired() public {
        Attestation memory attestation = attest(ROOT);
        vm.warp(attestation.header.expiresAt - 1);
        uint256 snapshot = vm.snapshotState();
        attestations.post(attestation);
        vm.revertToState(snapshot);
        vm.warp(attestation.header.expiresAt);
        vm.expectRevert(
            abi.encodeWithSelector(ISolvencyAttestations.AttestationExpired.selector, attestation.header.expiresAt)
        );
        attestations.post(attestation);
    }

    function test_post_error_issuedInFuture() public {
        Attestation memory attestation = attest(ROOT);
        uint64 skew = attestations.MAX_CLOCK_SKEW_SECONDS();
        vm.warp(attestation.header.issuedAt - skew - 1);
        vm.expectRevert(
            abi.encodeWithSelector(ISolvencyAttestations.IssuedInFuture.selector, attestation.header.issuedAt)
        );
        attestations.post(attestation);
        vm.warp(attestation.header.issuedAt - skew);
        attestations.post(attestation);
    }

    /// @dev Exits open some time after the newest attestation's expiry: one that never expired would shut them for good.
    function testFuzz_post_error_lifetimeTooLong(uint64 lifetime) public {
        Attestation memory attestation = unsigned(ROOT);
        uint64 issuedAt = attestation.header.issuedAt;
        attestation.header.expiresAt = issuedAt + uint64(bound(lifetime, 1 days + 1, type(uint64).max - issuedAt));
        attestation = signed(attestation);
        vm.expectRevert(abi.encodeWithSelector(ISolvencyAttestations.LifetimeTooLong.selector, 1 days));
        attestations.post(attestation);
        attestation.header.expiresAt = issuedAt + 1 days;
        attestations.post(signed(attestation));
    }

    /// @dev An epoch a second: whoever had a quorum cannot use the numbers up, for the clock soon allows the next one.
    function testFuzz_post_error_epochAheadOfTime(uint64 epoch) public {
        Attestation memory attestation = unsigned(ROOT);
        uint64 issuedAt = attestation.header.issuedAt;
        attestation.header.epoch = uint64(bound(epoch, issuedAt + 1, type(uint64).max));
        attestation = signed(attestation);
        vm.expectRevert(
            abi.encodeWithSelector(ISolvencyAttestations.EpochAheadOfTime.selector, attestation.header.epoch, issuedAt)
        );
        attestations.post(attestation);
        attestation.header.epoch = issuedAt;
        attestations.post(signed(attestation));
        vm.warp(vm.getBlockTimestamp() + 1);
        attestation = unsigned(ROOT);
        attestation.header.epoch = issuedAt + 1;
        attestations.post(signed(attestation));
    }

    function test_post_error_chainPath() public {
        Attestation memory attestation = attest(ROOT);
        attestation.chainPath[0] = bytes32(uint256(attestation.chainPath[0]) ^ 1);
        vm.expectRevert(ISolvencyAttestations.InvalidChainPath.selector);
        attestations.post(attestation);
    }

    /// @dev Another chain's sub-root, with the right path to the root, is not this chain's.
    function test_post_error_otherChainsRoot() public {
        Attestation memory attestation = attest(ROOT);
        attestation.chainRoot = keccak256("another chain's leaves");
        attestation.chainPath[0] = Encodings.chainLeaf(EID, ROOT);
        vm.expectRevert(ISolvencyAttestations.InvalidChainPath.selector);
        attestations.post(attestation);
    }

    function test_post_error_unknownSet() public {
        Attestation memory attestation = unsigned(ROOT);
        attestation.header.operatorSetId = 2;
        attestation = signed(attestation);
        vm.expectRevert(abi.encodeWithSelector(ISolvencyAttestations.UnknownOperatorSet.selector, 2));
        attestations.post(attestation);
    }

    function test_rotation_previousSetHasGrace() public {
        uint256[] memory next = Operators.create(3, 9);
        attestations.installLocal(OperatorSet(2, 2, Operators.addresses(next)));
        (OperatorSet memory set, uint64 previousValidUntil) = attestations.operatorSet();
        assertEq(set.id, 2);
        assertEq(set.threshold, 2);
        assertEq(set.members, Operators.addresses(next));
        assertEq(previousValidUntil, block.timestamp + attestations.PREVIOUS_SET_GRACE_SECONDS());

        vm.warp(previousValidUntil - 1);
        attestations.post(attest(ROOT));
        vm.warp(previousValidUntil);
        Attestation memory late = attest(ROOT);
        vm.expectRevert(abi.encodeWithSelector(ISolvencyAttestations.UnknownOperatorSet.selector, 1));
        attestations.post(late);

        keys = next;
        threshold = 2;
        Attestation memory byNewSet = unsigned(ROOT);
        byNewSet.header.operatorSetId = 2;
        attestations.post(signed(byNewSet));
    }

    /// @dev Members of one set cannot sign in the name of the other, grace or not.
    function test_rotation_error_wrongSetInHeader() public {
        attestations.installLocal(OperatorSet(2, 2, Operators.addresses(Operators.create(3, 9))));
        Attestation memory attestation = unsigned(ROOT);
        attestation.header.operatorSetId = 2;
        attestation = signed(attestation);
        vm.expectPartialRevert(ISolvencyAttestations.NotAMember.selector);
        attestations.post(attestation);
    }

    function test_rotation_onlyOneSetBack() public {
        attestations.installLocal(OperatorSet(2, 2, Operators.addresses(Operators.create(3, 9))));
        attestations.installLocal(OperatorSet(3, 2, Operators.addresses(Operators.create(3, 10))));
        Attestation memory attestation = attest(ROOT);
        vm.expectRevert(abi.encodeWithSelector(ISolvencyAttestations.UnknownOperatorSet.selector, 1));
        attestations.post(attestation);
    }

    /// @dev Not prevented: a set that is voted out may post for its day of grace, and an epoch once posted cannot be
    /// taken back. It cannot block those that follow for longer than the clock may differ. Two rotations at once leave it
    /// no grace.
    function test_rotation_evictedQuorumCanStillPostDuringGrace() public {
        attestations.installLocal(OperatorSet(2, 2, Operators.addresses(Operators.create(3, 9))));
        Attestation memory last = unsigned(ROOT);
        last.header.issuedAt += 120;
        last.header.epoch = last.header.issuedAt;
        uint256 snapshot = vm.snapshotState();
        attestations.post(signed(last));
        (uint64 epoch,,) = attestations.newest();
        assertEq(epoch, last.header.issuedAt);
        vm.warp(vm.getBlockTimestamp() + 121);
        keys = Operators.create(3, 9);
        Attestation memory next = unsigned(ROOT);
        (next.header.epoch, next.header.operatorSetId) = (last.header.epoch + 1, 2);
        threshold = 2;
        attestations.post(signed(next));
        vm.revertToState(snapshot);

        attestations.installLocal(OperatorSet(3, 2, Operators.addresses(Operators.create(3, 10))));
        last = signed(last);
        vm.expectRevert(abi.encodeWithSelector(ISolvencyAttestations.UnknownOperatorSet.selector, 1));
        attestations.post(last);
    }

    function test_post_error_beforeAnySet() public {
        SolvencyAttestations fresh = new SolvencyAttestations(endpoint, address(this), SALT);
        Attestation memory attestation = attest(ROOT);
        vm.expectRevert(abi.encodeWithSelector(ISolvencyAttestations.UnknownOperatorSet.selector, 1));
        fresh.post(attestation);
    }

    function test_install_olderSetIsIgnored() public {
        attestations.installLocal(OperatorSet(5, 2, Operators.addresses(Operators.create(3, 9))));
        vm.expectEmit(address(attestations));
        emit ISolvencyAttestations.OperatorSetIgnored(4, 5);
        attestations.installLocal(OperatorSet(4, 2, Operators.addresses(Operators.create(3, 10))));
        (OperatorSet memory set,) = attestations.operatorSet();
        assertEq(set.id, 5);
    }

    function test_install_error_notTheRegistry(address caller) public {
        vm.assume(caller != address(this));
        OperatorSet memory set = OperatorSet(2, 2, Operators.addresses(Operators.create(3, 9)));
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(ISolvencyAttestations.OnlyRegistry.selector, caller));
        attestations.installLocal(set);
    }

    function test_install_error_notAMajority() public {
        OperatorSet memory set = OperatorSet(2, 2, Operators.addresses(Operators.create(4, 9)));
        vm.expectRevert(abi.encodeWithSelector(IOperatorRegistry.ThresholdNotMajority.selector, 2, 4));
        attestations.installLocal(set);
    }

    function test_setRegistry_error_twice() public {
        vm.expectRevert(abi.encodeWithSelector(ISolvencyAttestations.RegistryAlreadySet.selector, address(this)));
        attestations.setRegistry(address(1));
    }

    function _signedBy(uint8 chosen, Header memory header)
        private
        view
        returns (bytes memory signatures, uint256 count)
    {
        bytes32 digest = Encodings.digest(header, SALT);
        for (uint256 i; i < keys.length; ++i) {
            if (chosen & (1 << i) == 0) continue;
            signatures = bytes.concat(signatures, Operators.sign(keys[i], digest));
            ++count;
        }
    }
}
