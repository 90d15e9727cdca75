import { PlimsollError } from "./plimsollError.ts";

export class WalletNotConnected extends PlimsollError {
  constructor(options?: ErrorOptions) {
    super(
      "WALLET_NOT_CONNECTED",
      "No wallet is connected.",
      "Call wagmi's connect(config, { connector }) first; in a script, with a privateKeyConnector.",
      options,
    );
  }
}

/** The wagmi config was made without this chain. */
export class ChainNotConfigured extends PlimsollError {
  constructor(name: string, chainId: number) {
    super(
      "CHAIN_NOT_CONFIGURED",
      `The wagmi config has no chain ${chainId} (${name}).`,
      "Make the config from plimsollChains(deployment, rpcUrls), which configures every chain of the deployment.",
    );
  }
}

/** The RPC configured for a chain, or the wallet, is on another chain. */
export class WrongChain extends PlimsollError {
  readonly expectedChainId: number;
  readonly actualChainId: number;

  constructor(name: string, expectedChainId: number, actualChainId: number, options?: ErrorOptions) {
    super(
      "WRONG_CHAIN",
      `${name} has chain id ${expectedChainId}, but its RPC answers ${actualChainId}.`,
      "Check the RPC URL given for this chain; two URLs may be swapped.",
      options,
    );
    this.expectedChainId = expectedChainId;
    this.actualChainId = actualChainId;
  }
}

/** The connected wallet is not the account's owner, whose transaction or signature is needed. */
export class NotAccountOwner extends PlimsollError {
  constructor(account: string, owner: string, wallet: string) {
    super(
      "NOT_ACCOUNT_OWNER",
      `Account ${account} belongs to ${owner}; the connected wallet is ${wallet}.`,
      "Connect the owner's wallet, or name it with `connector`. An account's first 20 bytes are its owner.",
    );
  }
}

/** The wallet holds less of the token than is to be deposited. */
export class InsufficientBalance extends PlimsollError {
  constructor(asset: string, held: bigint, needed: bigint) {
    super(
      "INSUFFICIENT_BALANCE",
      `The wallet holds ${held} of ${asset}, and ${needed} are needed (in the token's own decimals).`,
      "Lower the amount or send tokens to the wallet on this chain.",
    );
  }
}

export class MissingRpcUrl extends PlimsollError {
  constructor(name: string, eid: number) {
    super(
      "MISSING_RPC_URL",
      `No RPC URL was given for ${name} (eid ${eid}).`,
      `Add it to rpcUrls as ${name} or ${eid}.`,
    );
  }
}
