// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ILayerZeroEndpointV2} from "@layerzerolabs/lz-evm-protocol-v2/contracts/interfaces/ILayerZeroEndpointV2.sol";
import {OAppCore} from "@layerzerolabs/oapp-evm/contracts/oapp/OAppCore.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Governed, RoleManager} from "../src/RoleManager.sol";
import {FeeSchedule} from "../src/interfaces/IDerivativeMarket.sol";
import {IMarketLiquidation} from "../src/interfaces/IMarketLiquidation.sol";
import {IOperatorBonds} from "../src/interfaces/IOperatorBonds.sol";
import {IVaultPause} from "../src/interfaces/IVaultPause.sol";
import {GovernedChain} from "./support/GovernedChain.sol";

interface IDelegates {
    function delegates(address oapp) external view returns (address);
}

/// @dev Who may do what, function by function, and that none of it takes collateral.
contract RoleManagerTest is GovernedChain {
    struct Restricted {
        address target;
        bytes4 selector;
        uint64 role;
        bytes example;
    }

    uint64 private constant ADMIN = 0;
    uint64 private constant PAUSER = 1;
    uint64 private constant RISK = 2;
    uint64 private constant OPERATORS = 3;
    bytes32[] private noProof;
    Restricted[] private restricted;

    function setUp() public {
        setUpGovernance();
        vault.deposit(account, address(token), 100e6);
        _listRestricted();
    }

    /// @dev The list below is whole: whatever refuses a stranger for not being the owner is on it.
    function test_everyRestrictedFunctionIsListed() public {
        uint256 found = _countRestricted("CollateralVault", address(vault));
        found += _countRestricted("CollateralLedger", address(ledger));
        found += _countRestricted("SolvencyAttestations", address(attestations));
        found += _countRestricted("OperatorRegistry", address(operatorRegistry));
        found += _countRestricted("RiskRegistry", address(riskRegistry));
        found += _countRestricted("DerivativeMarket", address(market));
        found += _countRestricted("MarketLiquidation", market.liquidation());
        assertEq(found, restricted.length, "restricted functions");
    }

    function test_roleOfEveryRestrictedFunction() public view {
        for (uint256 i; i < restricted.length; ++i) {
            Restricted memory one = restricted[i];
            assertEq(manager.getTargetFunctionRole(one.target, one.selector), one.role, vm.toString(one.selector));
        }
    }

    /// @dev Each restricted function is called as its owner, with arguments that pass wherever the function can still be
    /// called at all, and then an honest claim: no collateral has moved, and what was approved is still paid to its owner.
    function test_noRoleTakesCollateral() public {
        approve(leafOf(40e6));
        for (uint256 i; i < restricted.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            Restricted memory one = restricted[i];
            bool passed = _callAsOwner(one.target, one.example);
            if (one.target != address(riskRegistry) && !_onceOnly(one.selector)) {
                assertTrue(passed, vm.toString(one.example));
            }
            _assertUntouched();
            vm.warp(vm.getBlockTimestamp() + 3 days);
            vault.claimWithdrawal(leafOf(40e6), noProof);
            assertEq(token.balanceOf(owner), 40e6);
            vm.revertToState(snapshot);
        }
    }

    /// @dev The same with any arguments, all functions one after the other.
    function testFuzz_noRoleTakesCollateral(uint256 order, bytes32[12] calldata words) public {
        bytes memory arguments = abi.encode(words);
        for (uint256 i; i < restricted.length; ++i) {
            Restricted memory one = restricted[addmod(order, i, restricted.length)];
            _callAsOwner(one.target, bytes.concat(one.selector, arguments));
            _callAsOwner(one.target, one.example);
        }
        _assertUntouched();
    }

    function test_pauser_atOnce() public {
        vm.startPrank(members.pauser);
        manager.execute(address(vault), abi.encodeCall(vault.pauseClaims, ()));
        assertGt(vault.claimsPausedUntil(), block.timestamp);
        manager.execute(address(vault), abi.encodeCall(vault.unpauseClaims, ()));
        manager.execute(address(vault), abi.encodeCall(vault.pauseDeposits, ()));
        vm.stopPrank();
        vm.expectRevert(IVaultPause.DepositsArePaused.selector);
        vault.deposit(account, address(token), 1);
    }

    /// @dev Nobody but a member of the function's role, and nobody past the manager.
    function testFuzz_error_unauthorised(uint256 which, uint256 who) public {
        Restricted memory one = restricted[bound(which, 0, restricted.length - 1)];
        address[5] memory callers =
            [members.admin, members.pauser, members.risk, members.operators, makeAddr("stranger")];
        who = bound(who, 0, 4);
        vm.startPrank(callers[who]);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, callers[who]));
        Address.functionCall(one.target, one.example);
        if (who == one.role) return;
        vm.expectPartialRevert(IAccessManager.AccessManagerUnauthorizedCall.selector);
        manager.execute(one.target, one.example);
    }

    function test_operators_waitAndCanBeCancelled() public {
        (address[] memory set, bytes memory data) = _newSet();
        vm.startPrank(members.operators);
        vm.expectPartialRevert(IAccessManager.AccessManagerNotScheduled.selector);
        manager.execute(address(operatorRegistry), data);
        (bytes32 id,) = manager.schedule(address(operatorRegistry), data, 0);
        vm.warp(vm.getBlockTimestamp() + DELAY_SECONDS - 1);
        vm.expectRevert(abi.encodeWithSelector(IAccessManager.AccessManagerNotReady.selector, id));
        manager.execute(address(operatorRegistry), data);
        vm.stopPrank();

        uint256 snapshot = vm.snapshotState();
        vm.prank(members.pauser);
        manager.cancel(members.operators, address(operatorRegistry), data);
        vm.warp(vm.getBlockTimestamp() + 1);
        vm.prank(members.operators);
        vm.expectRevert(abi.encodeWithSelector(IAccessManager.AccessManagerNotScheduled.selector, id));
        manager.execute(address(operatorRegistry), data);
        vm.revertToState(snapshot);

        vm.warp(vm.getBlockTimestamp() + 1);
        vm.prank(members.operators);
        manager.execute(address(operatorRegistry), data);
        assertEq(operatorRegistry.current().members, set);
    }

    /// @dev The admin can change everything after its wait, the wait itself excepted.
    function test_error_delayTooShort() public {
        uint64[3] memory roles = [ADMIN, OPERATORS, 7];
        for (uint256 i; i < roles.length; ++i) {
            bytes memory data = abi.encodeCall(manager.grantRole, (roles[i], address(this), DELAY_SECONDS - 1));
            vm.startPrank(members.admin);
            manager.schedule(address(manager), data, 0);
            vm.warp(vm.getBlockTimestamp() + DELAY_SECONDS);
            vm.expectRevert(abi.encodeWithSelector(RoleManager.DelayTooShort.selector, roles[i], DELAY_SECONDS));
            manager.execute(address(manager), data);
            vm.stopPrank();
        }
    }

    function test_admin_waits() public {
        bytes memory data = abi.encodeCall(vault.setPeer, (HUB_EID, bytes32(uint256(1))));
        vm.startPrank(members.admin);
        vm.expectPartialRevert(IAccessManager.AccessManagerNotScheduled.selector);
        manager.execute(address(vault), data);
        // Nor can it make itself a pauser on the spot.
        vm.expectPartialRevert(IAccessManager.AccessManagerNotScheduled.selector);
        manager.grantRole(PAUSER, members.admin, 0);
        manager.schedule(address(vault), data, 0);
        vm.warp(vm.getBlockTimestamp() + DELAY_SECONDS);
        manager.execute(address(vault), data);
        assertEq(vault.peers(HUB_EID), bytes32(uint256(1)));
    }

    /// @dev Whoever is an OApp's delegate at LayerZero's endpoint chooses who verifies its messages, and so who the operators
    /// are. Whoever deployed it is, until it names another: being no owner any more does not end that.
    function test_delegateOfEveryOAppIsTheManager() public {
        address[5] memory apps = oApps();
        for (uint256 i; i < apps.length; ++i) {
            ILayerZeroEndpointV2 at = OAppCore(apps[i]).endpoint();
            assertEq(IDelegates(address(at)).delegates(apps[i]), address(manager));
            vm.expectPartialRevert(bytes4(keccak256("LZ_Unauthorized()")));
            at.skip(apps[i], HUB_EID, bytes32(uint256(1)), 1);
        }
        // The manager asks that of its admin, who has to wait.
        bytes memory data =
            abi.encodeWithSignature("skip(address,uint32,bytes32,uint64)", apps[0], HUB_EID, bytes32(uint256(1)), 1);
        vm.prank(members.admin);
        vm.expectPartialRevert(IAccessManager.AccessManagerNotScheduled.selector);
        manager.execute(endpoint, data);
    }

    function testFuzz_constructor_error_delayOutOfBounds(uint32 delay) public {
        vm.assume(delay < 1 hours || delay > 30 days);
        vm.expectRevert(abi.encodeWithSelector(RoleManager.DelayOutOfBounds.selector, 1 hours, 30 days));
        new RoleManager(delay, Governed(address(vault), address(0), address(0)), members);
    }

    function _countRestricted(string memory name, address target) private returns (uint256 count) {
        string[] memory signatures = signaturesOf(name);
        for (uint256 i; i < signatures.length; ++i) {
            // For whom an ownership is offered to, not for its owner.
            if (selectorOf(signatures[i]) == Ownable2Step.acceptOwnership.selector) continue;
            vm.prank(makeAddr("stranger"));
            // Zeros decode as arguments of any type.
            (, bytes memory reason) = target.call(bytes.concat(selectorOf(signatures[i]), new bytes(2048)));
            if (bytes4(reason) != Ownable.OwnableUnauthorizedAccount.selector) continue;
            ++count;
            assertTrue(_isListed(target, selectorOf(signatures[i])), string.concat(name, ".", signatures[i]));
        }
    }

    function _callAsOwner(address target, bytes memory data) private returns (bool passed) {
        vm.prank(address(manager));
        (passed,) = target.call(data);
    }

    function _isListed(address target, bytes4 selector) private view returns (bool) {
        for (uint256 i; i < restricted.length; ++i) {
            if (restricted[i].target == target && restricted[i].selector == selector) return true;
        }
        return false;
    }

    /// @dev Those are set, and cannot be set again by anybody.
    function _onceOnly(bytes4 selector) private view returns (bool) {
        return selector == attestations.setRegistry.selector || selector == ledger.setLocalVault.selector;
    }

    function _newSet() private view returns (address[] memory set, bytes memory data) {
        set = new address[](2);
        (set[0], set[1]) = (address(1), address(2));
        data = abi.encodeCall(operatorRegistry.setOperators, (set, 2));
    }

    function _listRestricted() private {
        address at = address(vault);
        _add(at, PAUSER, abi.encodeCall(vault.pauseDeposits, ()));
        _add(at, PAUSER, abi.encodeCall(vault.unpauseDeposits, ()));
        _add(at, PAUSER, abi.encodeCall(vault.pauseClaims, ()));
        _add(at, PAUSER, abi.encodeCall(vault.unpauseClaims, ()));
        _add(at, RISK, abi.encodeCall(vault.listAsset, (address(1), 1, 1)));
        _add(at, ADMIN, abi.encodeCall(vault.setReceiveGas, (1, 1)));
        _addOApp(at);
        _add(address(ledger), ADMIN, abi.encodeCall(ledger.setLocalVault, (address(this))));
        _addOApp(address(ledger));
        _add(address(attestations), ADMIN, abi.encodeCall(attestations.setRegistry, (address(this))));
        _addOApp(address(attestations));
        (, bytes memory newSet) = _newSet();
        at = address(operatorRegistry);
        _add(at, OPERATORS, newSet);
        _add(at, ADMIN, abi.encodeCall(operatorRegistry.setReceiveGas, (1, 1)));
        _add(at, ADMIN, abi.encodeCall(operatorRegistry.setBonds, (IOperatorBonds(address(1)))));
        _addOApp(at);
        _add(address(market), ADMIN, abi.encodeCall(market.setFees, (FeeSchedule(address(1), 0, 0))));
        _addOwnable(address(market));
        _add(market.liquidation(), ADMIN, abi.encodeCall(IMarketLiquidation.nameBackstop, (account)));
        _listRestrictedOfRisk();
    }

    /// @dev The registry has bounds, a seal and a timelock, and tests of its own. It knows of no token's contract.
    function _listRestrictedOfRisk() private {
        address at = address(riskRegistry);
        _addBare(at, RISK, riskRegistry.setUnderlying.selector);
        _addBare(at, RISK, riskRegistry.setVolatilityPolicy.selector);
        _addBare(at, RISK, riskRegistry.setExpiry.selector);
        _addBare(at, RISK, riskRegistry.setAsset.selector);
        _addBare(at, RISK, riskRegistry.setInstrument.selector);
        _addBare(at, RISK, riskRegistry.setFunding.selector);
        _addBare(at, RISK, riskRegistry.setVault.selector);
        _addBare(at, RISK, riskRegistry.setConsumer.selector);
        _addBare(at, RISK, riskRegistry.setScenarioSet.selector);
        _addBare(at, RISK, riskRegistry.setMarginParameters.selector);
        _addBare(at, PAUSER, riskRegistry.cancel.selector);
        _addBare(at, ADMIN, riskRegistry.seal.selector);
        _addOwnable(at);
    }

    function _addOApp(address at) private {
        _add(at, ADMIN, abi.encodeCall(vault.setPeer, (HUB_EID, bytes32(uint256(uint160(address(this)))))));
        _add(at, ADMIN, abi.encodeCall(vault.setDelegate, (address(this))));
        _addOwnable(at);
    }

    function _addOwnable(address at) private {
        _add(at, ADMIN, abi.encodeCall(Ownable.transferOwnership, (address(this))));
        _add(at, ADMIN, abi.encodeCall(Ownable.renounceOwnership, ()));
    }

    function _addBare(address target, uint64 role, bytes4 selector) private {
        _add(target, role, bytes.concat(selector, new bytes(2048)));
    }

    function _add(address target, uint64 role, bytes memory example) private {
        restricted.push(Restricted(target, bytes4(example), role, example));
    }

    function _assertUntouched() private view {
        assertEq(token.balanceOf(address(vault)), 100e6, "collateral");
        (uint128 deposited, uint128 withdrawn) = vault.totals(account, address(token));
        assertEq(deposited, 100e6, "deposited");
        assertEq(withdrawn, 0, "withdrawn");
        (address receiver,) = vault.payoutOf(account);
        assertEq(receiver, owner, "receiver");
    }
}
