// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {
    ILayerZeroEndpointV2,
    Origin
} from "@layerzerolabs/lz-evm-protocol-v2/contracts/interfaces/ILayerZeroEndpointV2.sol";
import {Vm} from "forge-std/Vm.sol";

interface ISimpleMessageLib {
    function validatePacket(bytes calldata packet) external;
}

/// @title LayerZero's own EndpointV2 from its published bytecode, several in one EVM
/// @notice Messages pass the real endpoints: nonces, peers, payload hashes, fees and refunds are theirs. Between them
/// stands LayerZero's SimpleMessageLib, which takes a flat fee and lets anyone attest a packet, in place of ULN and
/// DVNs; those run in the end-to-end tests.
library LayerZero {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    string private constant ARTIFACTS =
        "packages/contracts/node_modules/@layerzerolabs/lz-evm-protocol-v2/artifacts/contracts/";
    bytes32 private constant PACKET_SENT = keccak256("PacketSent(bytes,bytes,address)");

    struct Packet {
        Origin origin;
        uint32 dstEid;
        address receiver;
        bytes32 guid;
        bytes message;
        uint256 gasLimit;
        bytes encoded;
    }

    function deployEndpoint(uint32 eid, address owner) internal returns (address) {
        return VM.deployCode(string.concat(ARTIFACTS, "EndpointV2.sol/EndpointV2.json"), abi.encode(eid, owner));
    }

    /// @notice Lets two endpoints of `owner` (the caller) exchange messages. Returns the receiving library of `b`.
    function connect(address a, address b) internal returns (address libraryA, address libraryB) {
        string memory artifact = string.concat(ARTIFACTS, "messagelib/SimpleMessageLib.sol/SimpleMessageLib.json");
        libraryA = VM.deployCode(artifact, abi.encode(a, address(0)));
        libraryB = VM.deployCode(artifact, abi.encode(b, address(0)));
        _use(a, libraryA, ILayerZeroEndpointV2(b).eid());
        _use(b, libraryB, ILayerZeroEndpointV2(a).eid());
    }

    function _use(address endpoint, address lib, uint32 remote) private {
        ILayerZeroEndpointV2(endpoint).registerLibrary(lib);
        ILayerZeroEndpointV2(endpoint).setDefaultSendLibrary(remote, lib);
        ILayerZeroEndpointV2(endpoint).setDefaultReceiveLibrary(remote, lib, 0);
    }

    /// @notice Packets among recorded logs, in the order in which they were sent.
    function packets(Vm.Log[] memory logs) internal view returns (Packet[] memory found) {
        found = new Packet[](logs.length);
        uint256 count;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != PACKET_SENT) continue;
            (bytes memory encoded, bytes memory options,) = abi.decode(logs[i].data, (bytes, bytes, address));
            found[count++] = LayerZeroCodec(address(this)).decodePacket(encoded, options);
        }
        assembly ("memory-safe") {
            mstore(found, count)
        }
    }

    /// @notice What DVNs do: from now on anyone can deliver the packet.
    function verify(address lib, Packet memory packet) internal {
        ISimpleMessageLib(lib).validatePacket(packet.encoded);
    }

    /// @notice What the executor does, with no more gas than the sender paid for: the endpoint's own work is part of it.
    function deliver(address endpoint, Packet memory packet) internal {
        ILayerZeroEndpointV2(endpoint).lzReceive{gas: packet.gasLimit}(
            packet.origin, packet.receiver, packet.guid, packet.message, ""
        );
    }
}

/// @dev Slices need calldata, hence a contract.
abstract contract LayerZeroCodec {
    function decodePacket(bytes calldata encoded, bytes calldata options)
        external
        pure
        returns (LayerZero.Packet memory packet)
    {
        packet.origin.nonce = uint64(bytes8(encoded[1:9]));
        packet.origin.srcEid = uint32(bytes4(encoded[9:13]));
        packet.origin.sender = bytes32(encoded[13:45]);
        packet.dstEid = uint32(bytes4(encoded[45:49]));
        packet.receiver = address(uint160(uint256(bytes32(encoded[49:81]))));
        packet.guid = bytes32(encoded[81:113]);
        packet.message = encoded[113:];
        packet.encoded = encoded;
        // Type 3 (2 bytes), worker (1), size (2), option type (1), then the gas limit.
        packet.gasLimit = uint128(bytes16(options[6:22]));
    }
}
