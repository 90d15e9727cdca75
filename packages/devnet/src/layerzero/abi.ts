import { parseAbi } from "viem";

// Only what the devnet calls, typed. The names are LayerZero's own.

export const endpointAbi = parseAbi([
  "constructor(uint32 eid, address owner)",
  "struct Origin { uint32 srcEid; bytes32 sender; uint64 nonce; }",
  "struct MessagingParams { uint32 dstEid; bytes32 receiver; bytes message; bytes options; bool payInLzToken; }",
  "struct MessagingFee { uint256 nativeFee; uint256 lzTokenFee; }",
  "struct MessagingReceipt { bytes32 guid; uint64 nonce; MessagingFee fee; }",
  "event PacketSent(bytes encodedPayload, bytes options, address sendLibrary)",
  "event PacketVerified(Origin origin, address receiver, bytes32 payloadHash)",
  "event PacketDelivered(Origin origin, address receiver)",
  "event LzReceiveAlert(address indexed receiver, address indexed executor, Origin origin, bytes32 guid, uint256 gas, uint256 value, bytes message, bytes extraData, bytes reason)",
  "function registerLibrary(address lib)",
  "function setDefaultSendLibrary(uint32 eid, address lib)",
  "function setDefaultReceiveLibrary(uint32 eid, address lib, uint256 gracePeriod)",
  "function quote(MessagingParams params, address sender) view returns (MessagingFee)",
  "function send(MessagingParams params, address refundAddress) payable returns (MessagingReceipt)",
  "function lzReceive(Origin origin, address receiver, bytes32 guid, bytes message, bytes extraData) payable",
  "function inboundPayloadHash(address receiver, uint32 srcEid, bytes32 sender, uint64 nonce) view returns (bytes32)",
  "function lazyInboundNonce(address receiver, uint32 srcEid, bytes32 sender) view returns (uint64)",
  "function inboundNonce(address receiver, uint32 srcEid, bytes32 sender) view returns (uint64)",
]);

const ulnConfig = [
  "struct UlnConfig { uint64 confirmations; uint8 requiredDVNCount; uint8 optionalDVNCount; uint8 optionalDVNThreshold; address[] requiredDVNs; address[] optionalDVNs; }",
  "struct SetDefaultUlnConfigParam { uint32 eid; UlnConfig config; }",
  "function setDefaultUlnConfigs(SetDefaultUlnConfigParam[] params)",
  "function getUlnConfig(address oapp, uint32 remoteEid) view returns (UlnConfig)",
] as const;

export const sendUlnAbi = parseAbi([
  "constructor(address endpoint, uint256 treasuryGasLimit, uint256 treasuryGasForFeeCap)",
  "struct ExecutorConfig { uint32 maxMessageSize; address executor; }",
  "struct SetDefaultExecutorConfigParam { uint32 eid; ExecutorConfig config; }",
  ...ulnConfig,
  "function setDefaultExecutorConfigs(SetDefaultExecutorConfigParam[] params)",
  "function setTreasury(address treasury)",
]);

export const receiveUlnAbi = parseAbi([
  "constructor(address endpoint)",
  ...ulnConfig,
  "event PayloadVerified(address dvn, bytes header, uint256 confirmations, bytes32 proofHash)",
  "function verify(bytes packetHeader, bytes32 payloadHash, uint64 confirmations)",
  "function commitVerification(bytes packetHeader, bytes32 payloadHash)",
  "function hashLookup(bytes32 headerHash, bytes32 payloadHash, address dvn) view returns (bool submitted, uint64 confirmations)",
]);

export const priceFeedAbi = parseAbi([
  "struct Price { uint128 priceRatio; uint64 gasPriceInUnit; uint32 gasPerByte; }",
  "struct UpdatePrice { uint32 eid; Price price; }",
  "function initialize(address priceUpdater)",
  "function setPrice(UpdatePrice[] price)",
  "function setNativeTokenPriceUSD(uint128 nativeTokenPriceUSD)",
]);

export const executorAbi = parseAbi([
  "struct Origin { uint32 srcEid; bytes32 sender; uint64 nonce; }",
  "struct DstConfigParam { uint32 dstEid; uint64 lzReceiveBaseGas; uint64 lzComposeBaseGas; uint16 multiplierBps; uint128 floorMarginUSD; uint128 nativeCap; }",
  "struct ExecutionParams { address receiver; Origin origin; bytes32 guid; bytes message; bytes extraData; uint256 gasLimit; }",
  "function initialize(address endpoint, address receiveUln301, address[] messageLibs, address priceFeed, address roleAdmin, address[] admins)",
  "function setWorkerFeeLib(address workerFeeLib)",
  "function setDstConfig(DstConfigParam[] params)",
  "function execute302(ExecutionParams params) payable",
]);

export const dvnAbi = parseAbi([
  "constructor(uint32 localEidV2, uint32 vid, address[] messageLibs, address priceFeed, address[] signers, uint64 quorum, address[] admins)",
  "struct DstConfigParam { uint32 dstEid; uint64 gas; uint16 multiplierBps; uint128 floorMarginUSD; }",
  "struct ExecuteParam { uint32 vid; address target; bytes callData; uint256 expiration; bytes signatures; }",
  "event VerifySignaturesFailed(uint256 idx)",
  "event ExecuteFailed(uint256 index, bytes data)",
  "function setWorkerFeeLib(address workerFeeLib)",
  "function setDstConfig(DstConfigParam[] params)",
  "function execute(ExecuteParam[] params)",
]);

export const feeLibAbi = parseAbi(["constructor(uint32 localEidV2, uint256 nativeDecimalsRate)"]);
