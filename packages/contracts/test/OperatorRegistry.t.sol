// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {OperatorRegistry} from "../src/OperatorRegistry.sol";
import {SolvencyAttestations} from "../src/SolvencyAttestations.sol";
import {IOperatorBonds} from "../src/interfaces/IOperatorBonds.sol";
import {IOperatorRegistry, OperatorSet} from "../src/interfaces/IOperatorRegistry.sol";
import {ISolvencyAttestations} from "../src/interfaces/ISolvencyAttestations.sol";
import {ReceiveGas} from "../src/libraries/ReceiveGas.sol";
import {AttestedChain} from "./support/AttestedChain.sol";
import {LayerZero, LayerZeroCodec} from "./support/LayerZero.sol";
import {Operators} from "./support/Operators.sol";

/// @dev The registry is on the hub, `remote` the attestations contract of another chain.
contract OperatorRegistryTest is AttestedChain, LayerZeroCodec {
    uint32 private constant HUB_EID = 30_101;

    address private hubEndpoint;
    address private remoteLibrary;
    OperatorRegistry private registry;
    SolvencyAttestations private hub;
    SolvencyAttestations private remote;

    function setUp() public {
        endpoint = LayerZero.deployEndpoint(EID, address(this));
        hubEndpoint = LayerZero.deployEndpoint(HUB_EID, address(this));
        (, remoteLibrary) = LayerZero.connect(hubEndpoint, endpoint);
        remote = new SolvencyAttestations(endpoint, address(this), SALT);
        hub = new SolvencyAttestations(hubEndpoint, address(this), SALT);
        registry = new OperatorRegistry(hubEndpoint, address(this), address(hub));
        hub.setRegistry(address(registry));
        registry.setPeer(EID, bytes32(uint256(uint160(address(remote)))));
        remote.setPeer(HUB_EID, bytes32(uint256(uint160(address(registry)))));
    }

    function test_setOperators_installsOnTheHub() public {
        address[] memory members = Operators.addresses(Operators.create(3, 1));
        vm.expectEmit(address(registry));
        emit IOperatorRegistry.OperatorSetChanged(1, 2, members);
        registry.setOperators(members, 2);
        (OperatorSet memory set,) = hub.operatorSet();
        assertEq(abi.encode(set), abi.encode(registry.current()));
        assertEq(abi.encode(set), abi.encode(OperatorSet(1, 2, members)));
    }

    /// @dev The largest set too arrives with the gas that its broadcast bought.
    /// forge-config: default.fuzz.runs = 32
    function testFuzz_broadcast_installsOnAnotherChain(uint256 count) public {
        count = bound(count, 2, 32);
        registry.setOperators(Operators.addresses(Operators.create(count, 1)), uint8(count / 2 + 1));
        _broadcast();
        (OperatorSet memory set,) = remote.operatorSet();
        assertEq(abi.encode(set), abi.encode(registry.current()));
    }

    /// @dev Broadcasts delivered in the other order: the older set changes nothing and does not revert.
    function test_broadcast_reordered() public {
        vm.recordLogs();
        for (uint256 seed = 1; seed <= 2; ++seed) {
            registry.setOperators(Operators.addresses(Operators.create(3, seed)), 2);
            registry.broadcast{value: registry.quoteBroadcast(EID).nativeFee}(EID);
        }
        LayerZero.Packet[] memory packets = LayerZero.packets(vm.getRecordedLogs());
        LayerZero.verify(remoteLibrary, packets[0]);
        LayerZero.verify(remoteLibrary, packets[1]);
        LayerZero.deliver(endpoint, packets[1]);
        vm.expectEmit(address(remote));
        emit ISolvencyAttestations.OperatorSetIgnored(1, 2);
        LayerZero.deliver(endpoint, packets[0]);
        (OperatorSet memory set,) = remote.operatorSet();
        assertEq(set.id, 2);
    }

    function test_broadcast_refundsSurplus() public {
        registry.setOperators(Operators.addresses(Operators.create(3, 1)), 2);
        uint256 fee = registry.quoteBroadcast(EID).nativeFee;
        uint256 balanceBefore = address(this).balance;
        registry.broadcast{value: fee + 1 ether}(EID);
        assertEq(balanceBefore - address(this).balance, fee);
    }

    function test_broadcast_error_noSet() public {
        vm.expectRevert(IOperatorRegistry.NoOperatorSet.selector);
        registry.broadcast(EID);
    }

    function test_setOperators_error_notTheOwner() public {
        address[] memory members = Operators.addresses(Operators.create(3, 1));
        vm.prank(address(1));
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(1)));
        registry.setOperators(members, 2);
    }

    function test_setOperators_error_tooFew() public {
        vm.expectRevert(abi.encodeWithSelector(IOperatorRegistry.TooFewMembers.selector, 2));
        registry.setOperators(Operators.addresses(Operators.create(1, 1)), 1);
    }

    function test_setOperators_error_tooMany() public {
        vm.expectRevert(abi.encodeWithSelector(IOperatorRegistry.TooManyMembers.selector, 32));
        registry.setOperators(Operators.addresses(Operators.create(33, 1)), 17);
    }

    /// @dev Half is not a majority: two quorums of half each could be strangers to one another.
    /// forge-config: default.fuzz.runs = 32
    function testFuzz_setOperators_thresholdIsAMajority(uint256 count, uint8 threshold_) public {
        count = bound(count, 2, 32);
        address[] memory members = Operators.addresses(Operators.create(count, 1));
        if (uint256(threshold_) * 2 <= count || threshold_ > count) {
            vm.expectRevert(abi.encodeWithSelector(IOperatorRegistry.ThresholdNotMajority.selector, threshold_, count));
        }
        registry.setOperators(members, threshold_);
    }

    function test_setOperators_error_notAscending() public {
        address[] memory members = Operators.addresses(Operators.create(3, 1));
        (members[0], members[1]) = (members[1], members[0]);
        vm.expectRevert(IOperatorRegistry.MembersNotAscending.selector);
        registry.setOperators(members, 2);
        members[1] = members[0];
        vm.expectRevert(IOperatorRegistry.MembersNotAscending.selector);
        registry.setOperators(members, 2);
    }

    /// @dev Bonds can be taken from somebody who is no member any more: the set stays as it is.
    function test_removeMember_whoIsNone() public {
        address[] memory members = Operators.addresses(Operators.create(3, 1));
        registry.setOperators(members, 2);
        registry.setBonds(IOperatorBonds(address(this)));
        assertFalse(registry.removeMember(makeAddr("former operator")));
        assertEq(abi.encode(registry.current()), abi.encode(OperatorSet(1, 2, members)));
        assertTrue(registry.removeMember(members[2]));
        assertEq(registry.current().members.length, 2);
    }

    function test_setReceiveGas() public {
        registry.setOperators(Operators.addresses(Operators.create(3, 1)), 2);
        vm.expectEmit(address(registry));
        emit ReceiveGas.ReceiveGasSet(500_000, 9_000);
        registry.setReceiveGas(500_000, 9_000);
        vm.recordLogs();
        registry.broadcast{value: registry.quoteBroadcast(EID).nativeFee}(EID);
        assertEq(LayerZero.packets(vm.getRecordedLogs())[0].gasLimit, 500_000 + 3 * 9_000);
        vm.prank(address(1));
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(1)));
        registry.setReceiveGas(1, 1);
    }

    function _broadcast() private {
        vm.recordLogs();
        registry.broadcast{value: registry.quoteBroadcast(EID).nativeFee}(EID);
        LayerZero.Packet memory packet = LayerZero.packets(vm.getRecordedLogs())[0];
        LayerZero.verify(remoteLibrary, packet);
        LayerZero.deliver(endpoint, packet);
    }

    receive() external payable {}
}
