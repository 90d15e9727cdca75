// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {DerivativeMarket} from "../../src/DerivativeMarket.sol";
import {Fill} from "../../src/interfaces/IDerivativeMarket.sol";
import {Order} from "../../src/interfaces/ISignedOrders.sol";
import {AccountId, InstrumentId} from "../../src/types/Ids.sol";
import {Encodings} from "./Encodings.sol";
import {MarginChain} from "./MarginChain.sol";
import {Operators} from "./Operators.sol";

/// @title A market and traders with keys
abstract contract Trading is MarginChain {
    InstrumentId internal constant BTC = InstrumentId.wrap("BTC-PERP");
    InstrumentId internal constant ETH = InstrumentId.wrap("ETH-PERP");

    DerivativeMarket internal market;
    mapping(AccountId => uint256) internal keyOf;
    uint64 internal salt;

    function setUpMarket(uint256 members, uint8 threshold_) internal {
        setUpChain(members, threshold_);
        market = new DerivativeMarket(address(attestations), address(this));
    }

    function newTrader(string memory name) internal returns (AccountId account) {
        (address owner, uint256 key) = makeAddrAndKey(name);
        account = Encodings.accountId(owner, 0);
        keyOf[account] = key;
    }

    function order(AccountId account, InstrumentId instrument, int128 size, uint64 limitPrice)
        internal
        returns (Order memory)
    {
        return Order(account, instrument, size, limitPrice, uint64(vm.getBlockTimestamp()) + 1 hours, 0, ++salt);
    }

    /// @dev Hashed here a second time, without the market's own code.
    function sign(Order memory order_) internal view returns (bytes memory) {
        return Operators.sign(keyOf[order_.account], digest(order_));
    }

    function digest(Order memory order_) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Plimsoll Market"),
                keccak256("1"),
                block.chainid,
                address(market)
            )
        );
        bytes32 kind = keccak256(
            "Order(bytes32 account,bytes32 instrument,int128 size,uint64 limitPrice,uint64 expiry,uint64 series,uint64 salt)"
        );
        return keccak256(abi.encodePacked(hex"1901", domain, keccak256(abi.encode(kind, order_))));
    }

    function fillOf(Order memory maker, Order memory taker, uint128 size) internal view returns (Fill memory) {
        return Fill(maker, sign(maker), taker, sign(taker), size);
    }

    function one(Fill memory fill) internal pure returns (Fill[] memory fills) {
        fills = new Fill[](1);
        fills[0] = fill;
    }

    /// @notice `buyer` takes `size` from `seller`'s resting order at `price`.
    function fillBetween(AccountId buyer, AccountId seller, InstrumentId instrument, uint128 size, uint64 price)
        internal
        returns (Fill memory)
    {
        return
            fillOf(order(seller, instrument, -int128(size), price), order(buyer, instrument, int128(size), price), size);
    }
}
