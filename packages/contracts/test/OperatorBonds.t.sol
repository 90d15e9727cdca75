// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {OperatorRegistry} from "../src/OperatorRegistry.sol";
import {IOperatorBonds} from "../src/interfaces/IOperatorBonds.sol";
import {IOperatorRegistry, OperatorSet} from "../src/interfaces/IOperatorRegistry.sol";
import {Header} from "../src/types/Attestation.sol";
import {WithdrawalLeaf} from "../src/types/Leaves.sol";
import {BondedHub} from "./support/BondedHub.sol";
import {Encodings} from "./support/Encodings.sol";
import {Merkle} from "./support/Merkle.sol";
import {Operators} from "./support/Operators.sol";
import {ReentrantToken} from "./support/ReentrantToken.sol";

/// @dev What operators stake, and what takes it.
contract OperatorBondsTest is BondedHub {
    function setUp() public {
        setUpBonds();
    }

    function testFuzz_proveEquivocation(uint256 field, uint256 who) public {
        who = bound(who, 0, members.length - 1);
        Header memory first = headerOf(5);
        Header memory second = _alter(headerOf(5), bound(field, 1, 6));
        uint128 bond = STAKED;
        vm.expectEmit(address(bonds));
        emit IOperatorBonds.Slashed(members[who], reporter, bond, bond / 5, true);
        _equivocation(keys[who], first, second);
        assertEq(token.balanceOf(reporter), bond / 5);
        assertEq(token.balanceOf(beneficiary), bond - bond / 5);
        OperatorSet memory set = registry.current();
        assertEq(set.members.length, 2);
        assertEq(set.threshold, 2);
        for (uint256 i; i < 2; ++i) {
            assertTrue(set.members[i] != members[who]);
        }
        (OperatorSet memory onTheHub,) = hubAttestations.operatorSet();
        assertEq(abi.encode(onTheHub), abi.encode(set));
    }

    /// @dev Whoever signs one header an epoch cannot be slashed for it, whatever is put beside it.
    function testFuzz_proveEquivocation_error_honest(
        uint64[2] memory epochs,
        bytes32[2] calldata roots,
        bool sameEpoch,
        bool other
    ) public {
        if (sameEpoch) epochs[1] = epochs[0];
        sameEpoch = epochs[0] == epochs[1];
        Header memory first = headerOf(epochs[0]);
        Header memory second = headerOf(epochs[1]);
        (first.root, second.root) = (roots[0], sameEpoch && !other ? roots[0] : roots[1]);
        bytes memory one = signatureOf(keys[0], first);
        bytes memory two = signatureOf(other ? keys[1] : keys[0], second);
        bool twoHeaders = sameEpoch && roots[0] != second.root;
        vm.expectPartialRevert(
            twoHeaders ? IOperatorBonds.DifferentSigners.selector : IOperatorBonds.NotEquivocation.selector
        );
        bonds.proveEquivocation(first, one, second, two);
    }

    function test_proveEquivocation_error_notEquivocation() public {
        Header memory first = headerOf(5);
        vm.expectRevert(IOperatorBonds.NotEquivocation.selector);
        _equivocation(keys[0], first, first);
        vm.expectRevert(IOperatorBonds.NotEquivocation.selector);
        _equivocation(keys[0], first, headerOf(6));
    }

    function test_proveEquivocation_error_differentSigners() public {
        Header memory first = headerOf(5);
        Header memory second = _alter(headerOf(5), 1);
        bytes memory one = signatureOf(keys[0], first);
        bytes memory two = signatureOf(keys[1], second);
        vm.expectRevert(abi.encodeWithSelector(IOperatorBonds.DifferentSigners.selector, members[0], members[1]));
        bonds.proveEquivocation(first, one, second, two);
        // Another deployment's epochs are none of ours.
        two = Operators.sign(keys[0], Encodings.digest(second, keccak256("another deployment")));
        vm.expectPartialRevert(IOperatorBonds.DifferentSigners.selector);
        bonds.proveEquivocation(first, one, second, two);
    }

    function test_proveEquivocation_error_twice() public {
        _equivocation(keys[0], headerOf(5), _alter(headerOf(5), 1));
        vm.expectRevert(abi.encodeWithSelector(IOperatorBonds.NothingToSlash.selector, members[0]));
        _equivocation(keys[0], headerOf(5), _alter(headerOf(5), 1));
        vm.prank(members[0]);
        vm.expectRevert(abi.encodeWithSelector(IOperatorBonds.Expelled.selector, members[0]));
        bonds.stake(1);
        vm.expectRevert(abi.encodeWithSelector(IOperatorBonds.Expelled.selector, members[0]));
        registry.setOperators(members, 2);
    }

    /// @dev Of two, neither goes: one alone could sign anything. The bond does.
    function test_proveEquivocation_ofOneOfTwo() public {
        _equivocation(keys[0], headerOf(5), _alter(headerOf(5), 1));
        _equivocation(keys[1], headerOf(5), _alter(headerOf(5), 1));
        assertEq(registry.current().members.length, 2);
        assertEq(bonds.bondOf(members[1]).staked, 0);
        assertEq(token.balanceOf(reporter), 2 * STAKED / 5);
    }

    function test_proveEquivocation_unanimity() public {
        registry.setOperators(members, 3);
        _equivocation(keys[0], headerOf(5), _alter(headerOf(5), 1));
        assertEq(registry.current().threshold, 2);
    }

    /// @dev What was asked back can be taken until it is paid.
    function test_proveEquivocation_takesWhatIsLeaving() public {
        vm.prank(members[0]);
        bonds.requestUnstake(500e6);
        vm.warp(vm.getBlockTimestamp() + UNBONDING_SECONDS);
        _equivocation(keys[0], headerOf(5), _alter(headerOf(5), 1));
        assertEq(token.balanceOf(reporter), STAKED / 5);
        vm.prank(members[0]);
        vm.expectRevert(abi.encodeWithSelector(IOperatorBonds.NothingLeaving.selector, members[0]));
        bonds.unstake(members[0]);
    }

    function testFuzz_proveOverApproval(uint128 deposited, uint128 approved) public {
        deposited = uint128(bound(deposited, 1, 1_000e6));
        hubVault.deposit(account, address(token), deposited);
        (Header memory header, WithdrawalLeaf memory leaf, bytes32[] memory path) = _approval(approved);
        if (approved <= deposited) {
            vm.expectRevert(abi.encodeWithSelector(IOperatorBonds.NotOverApproved.selector, approved, deposited));
        }
        _overApproval(header, leaf, path);
        if (approved <= deposited) return;
        assertEq(bonds.bondOf(members[0]).staked, 0);
        assertEq(bonds.bondOf(members[1]).staked, 0);
        assertEq(token.balanceOf(reporter), 2 * STAKED / 5);
        assertEq(registry.current().members.length, 2);
    }

    function test_proveOverApproval_error_invalidProof() public {
        (Header memory header, WithdrawalLeaf memory leaf, bytes32[] memory path) = _approval(10);
        leaf.approvedTotal = 11;
        vm.expectRevert(IOperatorBonds.InvalidProof.selector);
        _overApproval(header, leaf, path);
        leaf.approvedTotal = 10;
        path[0] = 0;
        vm.expectRevert(IOperatorBonds.InvalidProof.selector);
        _overApproval(header, leaf, path);
    }

    function test_stake_error_zero() public {
        vm.expectRevert(IOperatorBonds.ZeroAmount.selector);
        bonds.stake(0);
        vm.expectRevert(IOperatorBonds.ZeroAmount.selector);
        bonds.requestUnstake(0);
    }

    function test_setOperators_error_withoutBond() public {
        address[] memory others = Operators.addresses(Operators.create(3, 9));
        stakeFor(others[0], LEAST);
        stakeFor(others[1], LEAST - 1);
        vm.expectRevert(abi.encodeWithSelector(IOperatorBonds.BondTooSmall.selector, others[1], LEAST - 1, LEAST));
        registry.setOperators(others, 2);
        stakeFor(others[1], 1);
        stakeFor(others[2], LEAST);
        registry.setOperators(others, 2);
    }

    function test_unstake() public {
        uint64 leavesAt = uint64(vm.getBlockTimestamp()) + UNBONDING_SECONDS;
        vm.startPrank(members[0]);
        vm.expectRevert(abi.encodeWithSelector(IOperatorBonds.BondTooSmall.selector, members[0], STAKED, LEAST));
        bonds.requestUnstake(500e6 + 1);
        vm.expectEmit(address(bonds));
        emit IOperatorBonds.UnstakeRequested(members[0], 500e6, leavesAt);
        bonds.requestUnstake(500e6);
        vm.warp(leavesAt - 1);
        vm.expectRevert(abi.encodeWithSelector(IOperatorBonds.StillBonded.selector, leavesAt));
        bonds.unstake(members[0]);
        vm.warp(leavesAt);
        bonds.unstake(makeAddr("safe"));
        vm.stopPrank();
        assertEq(token.balanceOf(makeAddr("safe")), 500e6);

        // Voted out, all of it may leave.
        address[] memory two = new address[](2);
        (two[0], two[1]) = (members[1], members[2]);
        registry.setOperators(two, 2);
        vm.startPrank(members[0]);
        bonds.requestUnstake(LEAST);
        vm.warp(vm.getBlockTimestamp() + UNBONDING_SECONDS);
        bonds.unstake(members[0]);
        assertEq(token.balanceOf(members[0]), LEAST);
    }

    function test_removeMember_error_onlyBonds() public {
        vm.expectRevert(abi.encodeWithSelector(IOperatorRegistry.OnlyBonds.selector, address(this)));
        registry.removeMember(members[0]);
    }

    function test_setBonds_error_twice() public {
        vm.expectRevert(abi.encodeWithSelector(IOperatorRegistry.BondsAlreadySet.selector, bonds));
        registry.setBonds(bonds);
    }

    function testFuzz_constructor_error_unbondingOutOfBounds(uint64 unbonding) public {
        vm.assume(unbonding < 7 days || unbonding > 365 days);
        vm.expectRevert(abi.encodeWithSelector(IOperatorBonds.UnbondingOutOfBounds.selector, 7 days, 365 days));
        newBonds(IERC20(address(token)), unbonding);
    }

    function test_constructor_error_zeroBeneficiary() public {
        beneficiary = address(0);
        vm.expectRevert(IOperatorBonds.ZeroBeneficiary.selector);
        newBonds(IERC20(address(token)), UNBONDING_SECONDS);
    }

    /// @dev The bonds' token turns malicious, and has a bond itself: stake, unstake and slash from within each of them.
    function test_error_reentered() public {
        ReentrantToken evil = new ReentrantToken();
        registry = new OperatorRegistry(hubEndpoint, address(this), address(hubAttestations));
        bonds = newBonds(IERC20(address(evil)), UNBONDING_SECONDS);
        registry.setBonds(bonds);
        bonds.stake(10);
        bonds.requestUnstake(10);
        evil.act(address(bonds), abi.encodeCall(bonds.stake, (10)), 0);
        evil.act(address(bonds), abi.encodeCall(bonds.requestUnstake, (10)), 0);
        vm.prank(members[0]);
        bonds.stake(10);
        vm.prank(members[1]);
        bonds.stake(10);
        vm.warp(vm.getBlockTimestamp() + UNBONDING_SECONDS);

        (Header memory first, Header memory second) = (headerOf(5), _alter(headerOf(5), 1));
        bytes[3] memory within = [
            abi.encodeCall(bonds.stake, (1)),
            abi.encodeCall(bonds.unstake, (address(evil))),
            abi.encodeCall(
                bonds.proveEquivocation, (first, signatureOf(keys[1], first), second, signatureOf(keys[1], second))
            )
        ];
        for (uint256 outer; outer < 3; ++outer) {
            for (uint256 i; i < within.length; ++i) {
                uint256 snapshot = vm.snapshotState();
                evil.attack(
                    outer == 0 ? ReentrantToken.Hook.TransferFrom : ReentrantToken.Hook.Transfer,
                    address(bonds),
                    within[i],
                    0
                );
                if (outer == 0) bonds.stake(1);
                if (outer == 1) bonds.unstake(reporter);
                if (outer == 2) _equivocation(keys[0], first, second);
                assertTrue(evil.attempted());
                assertFalse(evil.succeeded());
                assertEq(evil.refusal(), ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
                evil.attack(ReentrantToken.Hook.None, address(bonds), "", 0);
                evil.act(address(bonds), within[i], 0);
                vm.revertToState(snapshot);
            }
        }
    }

    /// @dev Any field but the epoch.
    function _alter(Header memory header, uint256 field) private pure returns (Header memory) {
        if (field == 1) header.root = keccak256("another root");
        if (field == 2) header.cutHash = keccak256("another cut");
        if (field == 3) header.operatorSetId += 1;
        if (field == 4) header.riskVersion += 1;
        if (field == 5) header.issuedAt += 1;
        if (field == 6) header.expiresAt += 1;
        return header;
    }

    function _equivocation(uint256 key, Header memory first, Header memory second) private {
        bytes memory one = signatureOf(key, first);
        bytes memory two = signatureOf(key, second);
        vm.prank(reporter);
        bonds.proveEquivocation(first, one, second, two);
    }

    function _approval(uint128 approved)
        private
        view
        returns (Header memory header, WithdrawalLeaf memory leaf, bytes32[] memory path)
    {
        leaf = leafOf(approved);
        leaf.vault = address(hubVault);
        bytes32[] memory chains = new bytes32[](2);
        chains[0] = Encodings.chainLeaf(HUB_EID, Encodings.hash(leaf));
        chains[1] = Encodings.chainLeaf(EID, keccak256("another chain's leaves"));
        header = headerOf(5);
        header.root = Merkle.root(chains);
        path = Merkle.proof(chains, 0);
    }

    function _overApproval(Header memory header, WithdrawalLeaf memory leaf, bytes32[] memory path) private {
        bytes[] memory signatures = quorumOf(header);
        vm.prank(reporter);
        // The only leaf of its chain.
        bytes32 chainRoot = Encodings.hash(leaf);
        bonds.proveOverApproval(header, signatures, HUB_EID, chainRoot, path, leaf, new bytes32[](0));
    }
}
