// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {CutBlock, Header} from "../types/Attestation.sol";
import {WithdrawalLeaf} from "../types/Leaves.sol";
import {AccountId, UnderlyingId} from "../types/Ids.sol";
import {FeedRounds, ProvenAllotment} from "../types/OverAllotment.sol";

/// @param staked Counts towards the least bond.
/// @param leaving Asked back, and paid from `leavesAt` on. Can be slashed until it is paid.
/// @param expelled Proven to have broken a rule of signing: the key is finished.
struct Bond {
    uint128 staked;
    uint128 leaving;
    uint64 leavesAt;
    bool expelled;
}

/// @title What operators stand to lose
/// @notice On the hub. Every operator stakes, by the key that it signs epochs with. Whoever proves that a key broke a rule
/// that no honest operator can break, whatever it was shown, gets a fifth of that key's bond; the rest goes to the
/// beneficiary, and the operator out of the set.
/// @dev A proof is good for as long as there is a bond, however old. What it does not take: that the operator meant to.
/// Two nodes that sign with one key, or a node whose store was lost, equivocate too.
interface IOperatorBonds {
    event Staked(address indexed operator, uint128 amount, uint128 staked);
    event UnstakeRequested(address indexed operator, uint128 amount, uint64 leavesAt);
    event Unstaked(address indexed operator, address to, uint128 amount);
    /// @param removed Whether the operator was a member of the current set, and no longer is.
    event Slashed(address indexed operator, address indexed reporter, uint128 amount, uint128 reward, bool removed);

    error ZeroAmount();
    error Expelled(address operator);
    error BondTooSmall(address operator, uint128 staked, uint128 least);
    error NothingLeaving(address operator);
    error StillBonded(uint64 leavesAt);
    error UnbondingOutOfBounds(uint64 least, uint64 most);
    error ZeroBeneficiary();
    /// @dev The headers are not of one epoch, or they are one and the same.
    error NotEquivocation();
    error DifferentSigners(address first, address second);
    error NotOverApproved(uint128 total, uint128 deposited);
    /// @dev A proof does not lead to the header's root.
    error InvalidProof();
    /// @dev The blocks are not those of the header, or the hub's is not among them.
    error WrongCut();
    /// @dev A registered consumer without a leaf.
    error MissingAllotment(uint32 eid, address consumer);
    /// @dev Allotments are to be in the order of the registry's list, each once.
    error AllotmentOutOfOrder(uint256 consumer);
    error AnotherConsumer(address consumer);
    error AnotherAccount(AccountId account);
    error OnlyReduceOnly();
    /// @dev What prices the asset was set anew after the cut, so the registry no longer says how it was valued.
    error ChangedSinceTheCut(uint32 eid, address asset);
    /// @dev The account has an asset that this prices.
    error MissingRounds(UnderlyingId underlying);
    /// @dev The feed has no such round, or none with a time.
    error UnknownRound(address feed, uint80 round);
    /// @dev The rounds named begin too late or end too early, so that an answer that held then may be missing.
    error RoundsDoNotCover(address feed, uint256 timestamp);
    /// @dev What is allotted, and the most that the collateral can have been worth: USD with 8 decimals.
    error NotOverAllotted(int256 allotted, uint256 worth);
    /// @dev Neither a bond nor a member, or punished before.
    error NothingToSlash(address operator);

    /// @notice Adds to the caller's bond what arrives of `amount`.
    function stake(uint128 amount) external;

    /// @notice Asks a part back, which counts no longer and is paid `unbondingSeconds` from now, as is what was asked
    /// back before. A member of the current set has to keep the least bond.
    function requestUnstake(uint128 amount) external;

    /// @notice Pays what was asked back and has waited.
    function unstake(address to) external;

    /// @notice Proves that one key signed two headers of one epoch.
    function proveEquivocation(
        Header calldata first,
        bytes calldata firstSignature,
        Header calldata second,
        bytes calldata secondSignature
    ) external;

    /// @notice Proves that a header that these keys signed approves more of an asset than the hub's ledger says was ever
    /// deposited for the account at that vault.
    /// @dev Exact, whenever it is called: the ledger's totals only grow, and operators approve no more than it had at
    /// their cut.
    /// @param signatures 65 bytes each; every signer is punished.
    /// @param eid The vault's chain; `chainRoot` its sub-root, and `chainPath` the way from there to the header's root.
    function proveOverApproval(
        Header calldata header,
        bytes[] calldata signatures,
        uint32 eid,
        bytes32 chainRoot,
        bytes32[] calldata chainPath,
        WithdrawalLeaf calldata leaf,
        bytes32[] calldata proof
    ) external;

    /// @notice Proves that a header that these keys signed lets an account lose more, with no shock, than all that the
    /// hub's ledger says was ever deposited for it, at the highest price around the cut and without haircut.
    /// @dev Exact, whenever it is called: docs/ALLOTMENTS.md says why no honest operator ever allots so much, and
    /// docs/SECURITY.md what it does not catch.
    ///
    /// Feeds are read by `getRoundData` and `latestRoundData`, from this contract: one that chooses its readers, as some
    /// of Chainlink's aggregators do, has to admit it, or what it prices cannot be proven.
    /// @param signatures 65 bytes each; every signer is punished.
    /// @param cut The blocks of `header.cutHash`, ascending by eid.
    /// @param allotments The account's leaves: one of every consumer that was registered at the cut, in the order of the
    /// registry's list; one of those that came later too, if there is any.
    /// @param rounds For each underlying that prices an asset which the account deposited.
    function proveOverAllotment(
        Header calldata header,
        bytes[] calldata signatures,
        CutBlock[] calldata cut,
        ProvenAllotment[] calldata allotments,
        FeedRounds[] calldata rounds
    ) external;

    /// @notice Reverts with BondTooSmall or Expelled unless every one of them may be an operator.
    function checkBonded(address[] calldata operators) external view;

    function bondOf(address operator) external view returns (Bond memory);

    /// @notice What a member has to have staked.
    function leastBond() external view returns (uint128);

    function unbondingSeconds() external view returns (uint64);
}
