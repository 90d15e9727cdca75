import { collateralLedgerAbi } from "@plimsoll/contracts/abi/CollateralLedger";
import { collateralVaultAbi } from "@plimsoll/contracts/abi/CollateralVault";
import { derivativeMarketAbi } from "@plimsoll/contracts/abi/DerivativeMarket";
import { marketLiquidationAbi } from "@plimsoll/contracts/abi/MarketLiquidation";
import { solvencyAttestationsAbi } from "@plimsoll/contracts/abi/SolvencyAttestations";
import { type AbiItem, parseAbi } from "viem";

/** Errors of contracts that ours call: ERC-20 tokens, SafeERC20 and LayerZero's OApp and endpoint. */
const foreign = parseAbi([
  "error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)",
  "error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)",
  "error SafeERC20FailedOperation(address token)",
  "error NotEnoughNative(uint256 msgValue)",
  "error NoPeer(uint32 eid)",
  "error LZ_InsufficientFee(uint256 requiredNative, uint256 suppliedNative, uint256 requiredLzToken, uint256 suppliedLzToken)",
]);

/** Every custom error that a call of this package can run into. */
export const errorAbi: readonly AbiItem[] = [
  ...collateralVaultAbi,
  ...collateralLedgerAbi,
  ...derivativeMarketAbi,
  ...marketLiquidationAbi,
  ...solvencyAttestationsAbi,
  ...foreign,
].filter((item) => item.type === "error");
