// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ReplayFeed} from "../src/devnet/ReplayFeed.sol";
import {TestToken} from "../src/devnet/TestToken.sol";
import {AggregatorV3Interface} from "../src/interfaces/AggregatorV3Interface.sol";
import {IOperatorBonds} from "../src/interfaces/IOperatorBonds.sol";
import {CutBlock, Header} from "../src/types/Attestation.sol";
import {UnderlyingId} from "../src/types/Ids.sol";
import {AccountLeaf, AccountStatus} from "../src/types/Leaves.sol";
import {FeedRounds, ProvenAllotment} from "../src/types/OverAllotment.sol";
import {Asset, Underlying} from "../src/types/Risk.sol";
import {BondedHub} from "./support/BondedHub.sol";
import {Encodings} from "./support/Encodings.sol";
import {Merkle} from "./support/Merkle.sol";

/// @dev Three consumers on two chains, two assets priced by two feeds: all that a proof needs. Each test of an error takes
/// something away.
contract OverAllotmentTest is BondedHub {
    UnderlyingId private constant USDC = UnderlyingId.wrap("USDC");
    UnderlyingId private constant ETH = UnderlyingId.wrap("ETH");
    uint64 private constant MARGIN_SECONDS = 10 minutes;
    uint128 private constant DOLLARS = 1_000e6;
    uint128 private constant ETHER = 2e18;
    /// @dev At the highest answers that may have held at the cut: 1.01 and 4,000.
    int64 private constant WORTH = 9_010e8;

    /// @dev What `proveOverAllotment` takes.
    struct Proof {
        Header header;
        bytes[] signatures;
        CutBlock[] cut;
        ProvenAllotment[] allotments;
        FeedRounds[] rounds;
    }

    /// @dev An asset, and three answers of its feed, of which one was the newest at the cut.
    struct Valued {
        uint128 deposited;
        uint8 decimals;
        uint8 feedDecimals;
        uint16 haircutBps;
        uint64 depth;
        uint256[3] answers;
    }

    ReplayFeed private dollarFeed;
    ReplayFeed private etherFeed;
    TestToken private etherToken;
    uint64 private cutAt;
    uint32[3] private eids = [EID, HUB_EID, EID];
    address[3] private consumers = [makeAddr("a market"), makeAddr("a market on the hub"), makeAddr("another market")];

    function setUp() public {
        setUpBonds();
        dollarFeed = new ReplayFeed(address(this), 8, "USDC / USD");
        etherFeed = new ReplayFeed(address(this), 18, "ETH / USD");
        etherToken = newToken("ETH");
        risk.setUnderlying(USDC, _underlying(dollarFeed, 8));
        risk.setUnderlying(ETH, _underlying(etherFeed, 18));
        risk.setAsset(HUB_EID, address(token), Asset(USDC, 200, 6, 1e15));
        risk.setAsset(EID, address(etherToken), Asset(ETH, 1_000, 18, 1e15));
        for (uint256 i; i < 3; ++i) {
            risk.setConsumer(eids[i], consumers[i], i != 2);
        }
        _deposit(DOLLARS, ETHER);
        cutAt = uint64(vm.getBlockTimestamp()) + 1 days;
        _answer(cutAt - 2 hours, 1.05e8, 5_000e18);
        _answer(cutAt - 1 hours, 1e8, 3_900e18);
        _answer(cutAt - 1 minutes, 1.01e8, 4_000e18);
        _answer(cutAt + MARGIN_SECONDS + 1, 2e8, 6_000e18);
        vm.warp(cutAt + 1 hours);
    }

    function test_proveOverAllotment() public {
        Proof memory proof = _proof(WORTH, 500e8, -500e8 + 1);
        vm.expectEmit(address(bonds));
        emit IOperatorBonds.Slashed(members[0], reporter, STAKED, STAKED / 5, true);
        _prove(proof);
        assertEq(bonds.bondOf(members[1]).staked, 0);
        assertTrue(bonds.bondOf(members[1]).expelled);
        assertEq(bonds.bondOf(members[2]).staked, STAKED);
        assertEq(token.balanceOf(reporter), 2 * STAKED / 5);
        assertEq(token.balanceOf(beneficiary), 2 * (STAKED - STAKED / 5));
        assertEq(registry.current().members.length, 2);
    }

    /// @dev Exact to the last digit, whatever the sign of the parts.
    function testFuzz_proveOverAllotment(int64[3] memory parts) public {
        int256 allotted;
        for (uint256 i; i < 3; ++i) {
            parts[i] = int64(bound(parts[i], -2 * WORTH, 2 * WORTH));
            allotted += parts[i];
        }
        Proof memory proof = _proof(parts[0], parts[1], parts[2]);
        if (allotted <= WORTH) _expectNotOver(allotted);
        _prove(proof);
    }

    /// @dev What operators compute, rounding down at every step, is never beyond what the contract does: for any deposits,
    /// decimals, prices, haircuts and depths, and whichever answer was the newest at the cut.
    function testFuzz_proveOverAllotment_error_honest(
        Valued memory dollars,
        Valued memory ether_,
        uint64 newest,
        int64[2] memory parts
    ) public {
        account = Encodings.accountId(owner, 4);
        _bound(dollars);
        _bound(ether_);
        risk.setUnderlying(USDC, _underlying(dollarFeed, dollars.feedDecimals));
        risk.setUnderlying(ETH, _underlying(etherFeed, ether_.feedDecimals));
        risk.setAsset(HUB_EID, address(token), Asset(USDC, dollars.haircutBps, dollars.decimals, dollars.depth));
        risk.setAsset(EID, address(etherToken), Asset(ETH, ether_.haircutBps, ether_.decimals, ether_.depth));
        _deposit(dollars.deposited, ether_.deposited);
        cutAt = uint64(vm.getBlockTimestamp()) + 1 days;
        newest = uint64(bound(newest, 0, 2));
        for (uint64 i; i < 3; ++i) {
            _answer(cutAt + i - newest, int256(dollars.answers[i]), int256(ether_.answers[i]));
        }
        int256 worth = int256(_worth(dollars, newest) + _worth(ether_, newest));
        (parts[0], parts[1]) = (parts[0] / 4, parts[1] / 4);
        Proof memory proof = _proof(parts[0], parts[1], int64(worth - parts[0] - parts[1]));
        proof.header.riskVersion = risk.version();
        for (uint256 i; i < 2; ++i) {
            (proof.rounds[i].first, proof.rounds[i].last) = (4, 7);
        }
        vm.expectPartialRevert(IOperatorBonds.NotOverAllotted.selector);
        _prove(proof);
    }

    /// @dev A consumer left out is refused, for it may have to hold a gain.
    function test_proveOverAllotment_error_missingAllotment() public {
        for (uint256 missing; missing < 3; ++missing) {
            Proof memory proof = _proof(WORTH, WORTH, WORTH);
            ProvenAllotment[] memory two = new ProvenAllotment[](2);
            two[0] = proof.allotments[missing == 0 ? 1 : 0];
            two[1] = proof.allotments[missing == 2 ? 1 : 2];
            proof.allotments = two;
            vm.expectRevert(
                abi.encodeWithSelector(IOperatorBonds.MissingAllotment.selector, eids[missing], consumers[missing])
            );
            _prove(proof);
        }
        Proof memory none = _proof(WORTH, WORTH, WORTH);
        none.allotments = new ProvenAllotment[](0);
        vm.expectRevert(abi.encodeWithSelector(IOperatorBonds.MissingAllotment.selector, eids[0], consumers[0]));
        _prove(none);
    }

    /// @dev No leaf counts twice: neither again, nor in another consumer's place.
    function test_proveOverAllotment_error_duplicate() public {
        Proof memory proof = _proof(WORTH, 0, 0);
        ProvenAllotment[] memory four = new ProvenAllotment[](4);
        (four[0], four[1], four[2]) = (proof.allotments[0], proof.allotments[1], proof.allotments[2]);
        four[3] = proof.allotments[2];
        proof.allotments = four;
        vm.expectRevert(abi.encodeWithSelector(IOperatorBonds.AllotmentOutOfOrder.selector, 2));
        _prove(proof);
        four[3] = _proof(WORTH, 0, 0).allotments[2];
        four[3].consumer = 3;
        vm.expectRevert(abi.encodeWithSelector(IOperatorBonds.AllotmentOutOfOrder.selector, 3));
        _prove(proof);

        proof = _proof(WORTH, 0, 0);
        proof.allotments[2] = _proof(WORTH, 0, 0).allotments[0];
        vm.expectRevert(abi.encodeWithSelector(IOperatorBonds.MissingAllotment.selector, eids[2], consumers[2]));
        _prove(proof);
        proof.allotments[2].consumer = 2;
        vm.expectRevert(abi.encodeWithSelector(IOperatorBonds.AnotherConsumer.selector, consumers[0]));
        _prove(proof);
    }

    function test_proveOverAllotment_error_anotherAccount() public {
        AccountLeaf[3] memory leaves = _leaves(WORTH, 0, 0);
        leaves[1].account = Encodings.accountId(owner, 4);
        Proof memory proof = _proof(leaves);
        vm.expectRevert(abi.encodeWithSelector(IOperatorBonds.AnotherAccount.selector, leaves[1].account));
        _prove(proof);
    }

    function testFuzz_proveOverAllotment_error_invalidProof(uint256 which) public {
        which = bound(which, 0, 2);
        Proof memory proof = _proof(WORTH, 1e8, 1e8);
        // A leaf of another epoch.
        ProvenAllotment memory other = _proof(WORTH, 2e8, 2e8).allotments[1];
        if (which == 0) proof.allotments[1] = other;
        if (which == 1) proof.allotments[0].leaf.allotment = _pack(WORTH + 1);
        // One chain's leaves under another's sub-root.
        if (which == 2) {
            (proof.allotments[0].chainRoot, proof.allotments[0].chainPath) =
            (proof.allotments[1].chainRoot, proof.allotments[1].chainPath);
        }
        vm.expectRevert(IOperatorBonds.InvalidProof.selector);
        _prove(proof);
    }

    function test_proveOverAllotment_error_emptyAllotment() public {
        AccountLeaf[3] memory leaves = _leaves(WORTH, 1, 0);
        leaves[1].allotment = "";
        vm.expectRevert(IOperatorBonds.InvalidProof.selector);
        _prove(_proof(leaves));
    }

    /// @dev Every other status is enough: docs/ALLOTMENTS.md.
    function testFuzz_proveOverAllotment_status(uint256 status, uint256 where) public {
        AccountLeaf[3] memory leaves = _leaves(WORTH, 1, 0);
        for (uint256 i; i < 3; ++i) {
            leaves[i].status = AccountStatus.ReduceOnly;
        }
        Proof memory proof = _proof(leaves);
        vm.expectRevert(IOperatorBonds.OnlyReduceOnly.selector);
        _prove(proof);

        uint256[3] memory others =
            [uint256(AccountStatus.Active), uint256(AccountStatus.Liquidatable), uint256(AccountStatus.Insolvent)];
        leaves[bound(where, 0, 2)].status = AccountStatus(others[bound(status, 0, 2)]);
        _prove(_proof(leaves));
        assertEq(bonds.bondOf(members[0]).staked, 0);
    }

    function test_proveOverAllotment_error_wrongCut() public {
        Proof memory proof = _proof(WORTH, 1, 0);
        proof.cut[0].timestamp += 1;
        vm.expectRevert(IOperatorBonds.WrongCut.selector);
        _prove(proof);
        proof.cut[0].eid = OTHER_EID;
        proof.header.cutHash = keccak256(abi.encode(proof.cut));
        vm.expectRevert(IOperatorBonds.WrongCut.selector);
        _prove(proof);
    }

    /// @dev An asset cannot be left out, only what prices it.
    function test_proveOverAllotment_error_missingRounds() public {
        Proof memory proof = _proof(WORTH, 1, 0);
        FeedRounds[] memory one = new FeedRounds[](1);
        one[0] = proof.rounds[1];
        proof.rounds = one;
        vm.expectRevert(abi.encodeWithSelector(IOperatorBonds.MissingRounds.selector, USDC));
        _prove(proof);
    }

    function test_proveOverAllotment_error_roundsDoNotCover() public {
        bytes memory uncovered =
            abi.encodeWithSelector(IOperatorBonds.RoundsDoNotCover.selector, address(etherFeed), cutAt);
        // Begin too late, end too early, or are none.
        uint80[2][3] memory ranges = [[uint80(3), 4], [uint80(2), 3], [uint80(4), 2]];
        for (uint256 i; i < ranges.length; ++i) {
            Proof memory proof = _proof(WORTH, 1, 0);
            (proof.rounds[1].first, proof.rounds[1].last) = (ranges[i][0], ranges[i][1]);
            vm.expectRevert(uncovered);
            _prove(proof);
        }
        Proof memory beyond = _proof(WORTH, 1, 0);
        beyond.rounds[1].last = 5;
        vm.expectRevert(AggregatorV3Interface.NoDataPresent.selector);
        _prove(beyond);
    }

    /// @dev Some aggregators answer with zeros instead.
    function test_proveOverAllotment_error_unknownRound() public {
        Proof memory proof = _proof(WORTH, 1, 0);
        vm.mockCall(address(etherFeed), abi.encodeCall(etherFeed.getRoundData, (3)), abi.encode(3, int256(0), 0, 0, 3));
        vm.expectRevert(abi.encodeWithSelector(IOperatorBonds.UnknownRound.selector, address(etherFeed), 3));
        _prove(proof);
    }

    /// @dev The last round may be the newest there is.
    function test_proveOverAllotment_newestRoundIsOfTheCut() public {
        ReplayFeed feed = new ReplayFeed(address(this), 8, "USDC / USD");
        feed.push(1.01e8);
        vm.warp(vm.getBlockTimestamp() + MARGIN_SECONDS);
        risk.setUnderlying(USDC, _underlying(feed, 8));
        cutAt = uint64(vm.getBlockTimestamp());
        _answer(cutAt, 1e8, 4_000e18);
        Proof memory proof = _proof(WORTH, 1, 0);
        proof.header.riskVersion = risk.version();
        proof.signatures = quorumOf(proof.header);
        proof.rounds[0] = FeedRounds(USDC, 1, 1);
        proof.rounds[1] = FeedRounds(ETH, 4, 5);
        int256 worth = 1_010e8 + 2 * 6_000e8;
        vm.expectRevert(abi.encodeWithSelector(IOperatorBonds.NotOverAllotted.selector, WORTH + 1, worth));
        _prove(proof);
        feed.push(1.01e8);
        vm.expectRevert(abi.encodeWithSelector(IOperatorBonds.RoundsDoNotCover.selector, address(feed), cutAt));
        _prove(proof);
    }

    /// @dev What prices an asset may have been something else at the cut.
    function test_proveOverAllotment_error_changedSinceTheCut() public {
        Proof memory proof = _proof(WORTH, 1, 0);
        uint256 snapshot = vm.snapshotState();
        bytes memory changed =
            abi.encodeWithSelector(IOperatorBonds.ChangedSinceTheCut.selector, EID, address(etherToken));
        risk.setUnderlying(ETH, _underlying(etherFeed, 18));
        vm.expectRevert(changed);
        _prove(proof);
        vm.revertToState(snapshot);
        risk.setAsset(EID, address(etherToken), Asset(ETH, 1_000, 18, 1e15));
        vm.expectRevert(changed);
        _prove(proof);
        vm.revertToState(snapshot);
        // What has nothing to do with the account does no harm.
        risk.setUnderlying(UnderlyingId.wrap("BTC"), _underlying(etherFeed, 18));
        risk.setConsumer(EID, consumers[0], false);
        _prove(proof);
    }

    /// @dev What was registered after the cut has no leaf, and counted nothing.
    function test_proveOverAllotment_registeredLater() public {
        risk.setConsumer(EID, makeAddr("a later market"), true);
        risk.setAsset(EID, address(token), Asset(USDC, 0, 6, 1e15));
        vm.recordLogs();
        vault.deposit{value: 1 ether}(account, address(token), 5_000e6);
        deliverAll();
        _prove(_proof(WORTH, 1, 0));
        assertEq(bonds.bondOf(members[0]).staked, 0);
    }

    /// @dev If such a consumer has a leaf all the same, it counts.
    function test_proveOverAllotment_leafOfALaterConsumer() public {
        Proof memory proof = _proof(0, 0, WORTH + 1);
        proof.header.riskVersion = 6;
        proof.signatures = quorumOf(proof.header);
        ProvenAllotment memory last = proof.allotments[2];
        ProvenAllotment[] memory two = new ProvenAllotment[](2);
        (two[0], two[1]) = (proof.allotments[0], proof.allotments[1]);
        proof.allotments = two;
        _expectNotOver(0);
        _prove(proof);
        proof.allotments = new ProvenAllotment[](3);
        (proof.allotments[0], proof.allotments[1], proof.allotments[2]) = (two[0], two[1], last);
        _prove(proof);
        assertEq(bonds.bondOf(members[0]).staked, 0);
    }

    /// @dev The ledger of today bounds that of the cut, so a deposit made since only helps the operators.
    function test_proveOverAllotment_error_depositedSince() public {
        hubVault.deposit(account, address(token), 1e6);
        vm.expectRevert(
            abi.encodeWithSelector(IOperatorBonds.NotOverAllotted.selector, WORTH + 1, uint256(uint64(WORTH)) + 1.01e8)
        );
        _prove(_proof(WORTH, 1, 0));
    }

    /// @dev It counted for nothing at the cut, however much of it there was.
    function test_proveOverAllotment_assetListedSince() public {
        TestToken late = newToken("LATE");
        risk.setAsset(HUB_EID, address(late), Asset(USDC, 200, 6, 1e15));
        hubVault.deposit(account, address(late), 1e6);
        _prove(_proof(WORTH, 1, 0));
        assertTrue(bonds.bondOf(members[0]).expelled);
    }

    function _prove(Proof memory proof) private {
        vm.prank(reporter);
        bonds.proveOverAllotment(proof.header, proof.signatures, proof.cut, proof.allotments, proof.rounds);
    }

    function _expectNotOver(int256 allotted) private {
        vm.expectRevert(abi.encodeWithSelector(IOperatorBonds.NotOverAllotted.selector, allotted, WORTH));
    }

    function _proof(int64 first, int64 second, int64 third) private view returns (Proof memory) {
        return _proof(_leaves(first, second, third));
    }

    /// @dev An epoch with these leaves, the first and the third on one chain, and two signatures.
    function _proof(AccountLeaf[3] memory leaves) private view returns (Proof memory proof) {
        bytes32[] memory away = new bytes32[](3);
        (away[0], away[1], away[2]) = (Encodings.hash(leaves[0]), Encodings.hash(leaves[2]), keccak256("others"));
        bytes32[] memory here = new bytes32[](2);
        (here[0], here[1]) = (Encodings.hash(leaves[1]), keccak256("others"));
        bytes32[] memory chains = new bytes32[](3);
        chains[0] = Encodings.chainLeaf(HUB_EID, Merkle.root(here));
        chains[1] = Encodings.chainLeaf(EID, Merkle.root(away));
        chains[2] = Encodings.chainLeaf(OTHER_EID, 0);

        proof.allotments = new ProvenAllotment[](3);
        for (uint256 i; i < 3; ++i) {
            proof.allotments[i] = ProvenAllotment({
                consumer: i,
                leaf: leaves[i],
                proof: i == 1 ? Merkle.proof(here, 0) : Merkle.proof(away, i / 2),
                chainRoot: Merkle.root(i == 1 ? here : away),
                chainPath: Merkle.proof(chains, i == 1 ? 0 : 1)
            });
        }
        proof.cut = new CutBlock[](2);
        proof.cut[0] = CutBlock(HUB_EID, 100, keccak256("the hub's block"), cutAt);
        proof.cut[1] = CutBlock(EID, 200, keccak256("another block"), cutAt - 5);
        proof.rounds = new FeedRounds[](2);
        proof.rounds[0] = FeedRounds(USDC, 2, 4);
        proof.rounds[1] = FeedRounds(ETH, 2, 4);
        proof.header = headerOf(5);
        (proof.header.root, proof.header.cutHash) = (Merkle.root(chains), keccak256(abi.encode(proof.cut)));
        proof.signatures = quorumOf(proof.header);
    }

    /// @dev The third consumer is inactive.
    function _leaves(int64 first, int64 second, int64 third) private view returns (AccountLeaf[3] memory leaves) {
        leaves[0] = AccountLeaf(account, consumers[0], AccountStatus.Active, 0, _pack(first));
        leaves[1] = AccountLeaf(account, consumers[1], AccountStatus.Active, 0, _pack(second));
        leaves[2] = AccountLeaf(account, consumers[2], AccountStatus.ReduceOnly, 0, _pack(third));
    }

    /// @dev In another scenario anything may be lost.
    function _pack(int64 entry) private pure returns (bytes memory) {
        return abi.encodePacked(entry, type(int64).max);
    }

    function _underlying(ReplayFeed feed, uint8 decimals) private pure returns (Underlying memory) {
        return Underlying(address(feed), decimals, 1 hours, 2 hours, 3 hours, 20_000, 1e15);
    }

    /// @dev On the hub, and on another chain as reported over LayerZero.
    function _deposit(uint128 dollars, uint128 ethers) private {
        hubVault.deposit(account, address(token), dollars);
        vm.recordLogs();
        vault.deposit{value: 1 ether}(account, address(etherToken), ethers);
        deliverAll();
    }

    function _answer(uint64 at, int256 dollar, int256 ether_) private {
        vm.warp(at);
        dollarFeed.push(dollar);
        etherFeed.push(ether_);
    }

    function _bound(Valued memory valued) private pure {
        valued.decimals = uint8(bound(valued.decimals, 0, 24));
        valued.feedDecimals = uint8(bound(valued.feedDecimals, 0, 18));
        valued.deposited = uint128(bound(valued.deposited, 1, 10 ** (uint256(valued.decimals) + 6)));
        valued.haircutBps = uint16(bound(valued.haircutBps, 0, 10_000));
        valued.depth = uint64(bound(valued.depth, 1, type(uint64).max));
        for (uint256 i; i < 3; ++i) {
            valued.answers[i] = bound(valued.answers[i], 1, 10 ** (uint256(valued.feedDecimals) + 4));
        }
    }

    /// @dev As packages/risk/src/collateral.ts counts it.
    function _worth(Valued memory valued, uint256 newest) private pure returns (uint256) {
        uint256 amountE8 = _toE8Down(valued.deposited, valued.decimals);
        uint256 countedE8 = amountE8 * valued.depth / (valued.depth + amountE8);
        uint256 priceE8 = _toE8Down(valued.answers[newest], valued.feedDecimals);
        return countedE8 * (priceE8 * (10_000 - valued.haircutBps) / 10_000) / 1e8;
    }

    function _toE8Down(uint256 amount, uint8 decimals) private pure returns (uint256) {
        return decimals <= 8 ? amount * 10 ** (8 - decimals) : amount / 10 ** (decimals - 8);
    }
}
