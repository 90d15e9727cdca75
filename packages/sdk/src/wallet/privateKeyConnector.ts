import {
  ChainNotConfiguredError,
  ConnectorNotConnectedError,
  type CreateConnectorFn,
  createConnector,
} from "@wagmi/core";
import {
  type Address,
  type Chain,
  createNonceManager,
  createWalletClient,
  type EIP1193Parameters,
  type Hex,
  http,
  numberToHex,
  SwitchChainError,
  type WalletClient,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { jsonRpc } from "viem/nonce";
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
 * A wagmi connector around a private key, for bots and scripts. Nonces are counted here from `connect` on, so that
 * transactions can be sent together; let nothing else send from the same key at the same time. The count only rises:
 * once a transaction is known to be lost (a reorg took it back, a node's pool forgot it), disconnect and connect again,
 * or what is sent later waits for it.
 *
 * @throws {InvalidPrivateKey}
 * @example
 * const config = createConfig({ chains, transports, connectors: [privateKeyConnector({ privateKey })] });
 * await connect(config, { connector: config.connectors[0] });
 */
export function privateKeyConnector(parameters: PrivateKeyConnectorParameters): CreateConnectorFn<PrivateKeyProvider> {
  const { privateKey } = parameters;
  if (!/^0x[0-9a-fA-F]{64}$/.test(privateKey)) throw new InvalidPrivateKey();
  const { address } = privateKeyToAccount(privateKey);

  return createConnector<PrivateKeyProvider>(({ chains, emitter, transports }) => {
    let connected = false;
    let chainId = chains[0].id;
    let account = countingFromNow(privateKey);
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
      id: `privateKey:${address.toLowerCase()}`,
      name: parameters.name ?? address,
      type: "privateKey",
      async connect<withCapabilities extends boolean = false>(
        options: { chainId?: number | undefined; withCapabilities?: withCapabilities | boolean | undefined } = {},
      ) {
        if (options.chainId !== undefined) chainId = findChain(options.chainId).id;
        if (!connected) {
          account = countingFromNow(privateKey);
          clients.clear();
        }
        connected = true;
        const accounts = options.withCapabilities ? [{ address, capabilities: {} }] : [address];
        // The type depends on a flag that is known only here: wagmi's own connectors cast in the same way.
        return { accounts: accounts as never, chainId };
      },
      async disconnect() {
        connected = false;
      },
      async getAccounts(): Promise<readonly Address[]> {
        if (!connected) throw new ConnectorNotConnectedError();
        return [address];
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
            if (method === "eth_accounts" || method === "eth_requestAccounts") return [address];
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

/** The key, with nonces that begin at what the chain says next. */
function countingFromNow(privateKey: Hex) {
  return privateKeyToAccount(privateKey, { nonceManager: createNonceManager({ source: jsonRpc() }) });
}
