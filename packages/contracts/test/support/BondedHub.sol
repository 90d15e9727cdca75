// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {BondConfig, OperatorBonds} from "../../src/OperatorBonds.sol";
import {OperatorRegistry} from "../../src/OperatorRegistry.sol";
import {SolvencyAttestations} from "../../src/SolvencyAttestations.sol";
import {IRiskRegistry} from "../../src/interfaces/IRiskRegistry.sol";
import {Header} from "../../src/types/Attestation.sol";
import {CollateralChains} from "./CollateralChains.sol";
import {Encodings} from "./Encodings.sol";
import {Operators} from "./Operators.sol";
import {RiskRegistries} from "./RiskRegistries.sol";

/// @title A hub whose three operators have staked more than they have to
abstract contract BondedHub is CollateralChains {
    uint128 internal constant LEAST = 1_000e6;
    uint128 internal constant STAKED = LEAST + 500e6;
    uint64 internal constant UNBONDING_SECONDS = 21 days;

    OperatorRegistry internal registry;
    SolvencyAttestations internal hubAttestations;
    IRiskRegistry internal risk;
    OperatorBonds internal bonds;
    address internal beneficiary = makeAddr("beneficiary");
    address internal reporter = makeAddr("reporter");
    address[] internal members;

    function setUpBonds() internal {
        setUpCollateral();
        hubAttestations = new SolvencyAttestations(hubEndpoint, address(this), SALT);
        registry = new OperatorRegistry(hubEndpoint, address(this), address(hubAttestations));
        hubAttestations.setRegistry(address(registry));
        risk = RiskRegistries.create(address(this), 1 days);
        bonds = newBonds(IERC20(address(token)), UNBONDING_SECONDS);
        registry.setBonds(bonds);
        members = Operators.addresses(keys);
        for (uint256 i; i < members.length; ++i) {
            stakeFor(members[i], STAKED);
        }
        registry.setOperators(members, 2);
    }

    function newBonds(IERC20 of_, uint64 unbonding) internal returns (OperatorBonds) {
        return new OperatorBonds(BondConfig(of_, registry, ledger, risk, beneficiary, LEAST, unbonding));
    }

    function stakeFor(address operator, uint128 amount) internal {
        token.mint(operator, amount);
        vm.startPrank(operator);
        token.approve(address(bonds), amount);
        bonds.stake(amount);
        vm.stopPrank();
    }

    function headerOf(uint64 epoch) internal view returns (Header memory) {
        uint64 now_ = uint64(vm.getBlockTimestamp());
        return Header(epoch, 1, keccak256("root"), keccak256("cut"), 7, now_, now_ + LIFETIME_SECONDS);
    }

    function signatureOf(uint256 key, Header memory header) internal pure returns (bytes memory) {
        return Operators.sign(key, Encodings.digest(header, SALT));
    }

    /// @notice Those of the first two.
    function quorumOf(Header memory header) internal view returns (bytes[] memory signatures) {
        signatures = new bytes[](2);
        (signatures[0], signatures[1]) = (signatureOf(keys[0], header), signatureOf(keys[1], header));
    }
}
