import {
  ChainNotConfiguredError,
  ConnectorNotConnectedError,
  type CreateConnectorFn,
  createConnector,
} from "@wagmi/core";
import {
  type Address,
  type Chain,
  createWalletClient,
  type EIP1193Parameters,
  type Hex,
  http,
  numberToHex,
  SwitchChainError,
  type WalletClient,
} from "viem";
import { nonceManager, privateKeyToAccount } from "viem/accounts";
import { InvalidPrivateKey } from "../errors/input.ts";

export interface PrivateKeyConnectorParameters {
  /** 0x and 64 hexadecimal digits. It stays in this process: transactions and orders are signed here. */
  readonly privateKey: Hex;
  /** Tells several of them apart; the address by default. */
  readonly name?: string | undefined;
}

export type PrivateKeyConnectorErrorType = InvalidPrivateKey;

interface PrivateKeyProvider {
  request(parameters: EIP1193Parameters): Promise<unknown>;
}

/**
 * A wagmi connector around a private key, for bots and scripts. Nonces are counted in this process, so that
 * transactions can be sent together; let no other process send from the same key at the same time.
 *
 * @throws {InvalidPrivateKey}
 * @example
 * const config = createConfig({ chains, transports, connectors: [privateKeyConnector({ privateKey })] });
 * await connect(config, { connector: config.connectors[0] });
 */
export function privateKeyConnector(parameters: PrivateKeyConnectorParameters): CreateConnectorFn<PrivateKeyProvider> {
  const { privateKey } = parameters;
  if (!/^0x[0-9a-fA-F]{64}$/.test(privateKey)) throw new InvalidPrivateKey();
  const account = privateKeyToAccount(privateKey, { nonceManager });

  return createConnector<PrivateKeyProvider>(({ chains, emitter, transports }) => {
    let connected = false;
    let chainId = chains[0].id;
    const clients = new Map<number, WalletClient>();

    const findChain = (id: number): Chain => {
      const chain = chains.find((candidate) => candidate.id === id);
      if (chain === undefined) throw new SwitchChainError(new ChainNotConfiguredError());
      return chain;
    };
    const clientOf = (id: number): WalletClient => {
      const known = clients.get(id);
      if (known !== undefined) return known;
      const client = createWalletClient({ account, chain: findChain(id), transport: transports?.[id] ?? http() });
      clients.set(id, client);
      return client;
    };
    const change = (id: number): Chain => {
      const chain = findChain(id);
      chainId = id;
      emitter.emit("change", { chainId });
      return chain;
    };

    return {
      id: `privateKey:${account.address.toLowerCase()}`,
      name: parameters.name ?? account.address,
      type: "privateKey",
      async connect<withCapabilities extends boolean = false>(
        options: { chainId?: number | undefined; withCapabilities?: withCapabilities | boolean | undefined } = {},
      ) {
        if (options.chainId !== undefined) chainId = findChain(options.chainId).id;
        connected = true;
        const accounts = options.withCapabilities
          ? [{ address: account.address, capabilities: {} }]
          : [account.address];
        // The type depends on a flag that is known only here: wagmi's own connectors cast in the same way.
        return { accounts: accounts as never, chainId };
      },
      async disconnect() {
        connected = false;
      },
      async getAccounts(): Promise<readonly Address[]> {
        if (!connected) throw new ConnectorNotConnectedError();
        return [account.address];
      },
      async getChainId() {
        return chainId;
      },
      async getClient(options) {
        return clientOf(options?.chainId ?? chainId);
      },
      async getProvider(options) {
        const id = options?.chainId ?? chainId;
        return {
          async request({ method, params }) {
            if (method === "eth_accounts" || method === "eth_requestAccounts") return [account.address];
            if (method === "eth_chainId") return numberToHex(id);
            return clientOf(id).request({ method, params } as never);
          },
        };
      },
      async isAuthorized() {
        return connected;
      },
      async switchChain(options) {
        return change(options.chainId);
      },
      onAccountsChanged() {},
      onChainChanged(id) {
        change(Number(id));
      },
      onDisconnect() {
        connected = false;
        emitter.emit("disconnect");
      },
    };
  });
}
