import { nameToId } from "@plimsoll/protocol/account";
import type { Hex } from "viem";
import type { DevnetAccounts } from "../accounts.ts";
import { type Deployment, deploymentSchema } from "../deployment.ts";
import { ArgumentInvalid, HubMissing } from "../errors.ts";
import type { ConnectedChain } from "../layerzero/network.ts";
import { deployFeeds, type FeedContracts } from "../prices/feeds.ts";
import { startBatch } from "../transactions.ts";
import { deployBonds, requireBonds, stakeBonds } from "./bonds.ts";
import { type ConsumerPlan, deployConsumer } from "./consumers.ts";
import { deployContracts } from "./contracts.ts";
import { feedDecimals, instruments } from "./market-data.ts";
import { installOperators, operatorSetOf } from "./operators.ts";
import { registerRisk } from "./register.ts";
import { deployTokens, deployWrappedEther } from "./tokens.ts";
import { type DeployingChain, type DeployingHub, wireHub, wirePeers } from "./wire.ts";

export interface DeployedPlimsoll {
  readonly deployment: Deployment;
  readonly feedContracts: FeedContracts;
  readonly hub: ConnectedChain;
}

/**
 * Deploys Plimsoll on chains that have LayerZero, in this order: contracts everywhere, tokens at the vaults, feeds at
 * the hub; peers; what the hub's registries have to know. All of it is sent before the first receipt is looked at, for
 * every address is known in advance. Then the operators stake their bonds and are named.
 *
 * @param consumers More consumers beside the markets.
 * @throws {TransactionFailed | HubMissing | ArgumentInvalid}
 * @example
 * const { deployment } = await deployPlimsoll(connected, accounts, domainSalt);
 */
export async function deployPlimsoll(
  chains: readonly ConnectedChain[],
  accounts: DevnetAccounts,
  domainSalt: Hex,
  consumers: readonly ConsumerPlan[],
): Promise<DeployedPlimsoll> {
  const owner = accounts.deployer.address;
  const hubChain = chains.find((chain) => chain.hub);
  if (!hubChain) throw new HubMissing();
  const hubEid = hubChain.eid;
  const { alice, bob, maker, liquidator, backstop } = accounts;
  const traders = [alice, bob, maker, liquidator, backstop].map(({ address }) => address);
  const operators = accounts.operators.map(({ address }) => address);
  const people = [accounts.deployer, accounts.alice, accounts.bob, accounts.maker];
  const nowhere = consumers.find(({ chain }) => !chains.some(({ name }) => name === chain));
  if (nowhere) throw new ArgumentInvalid(`there is no chain ${nowhere.chain}`);

  const deploying = await Promise.all(
    chains.map(async (chain) => {
      const batch = await startBatch(chain, owner);
      const wrappedNative = deployWrappedEther(batch);
      const contracts = deployContracts(batch, chain, { owner, hubEid, domainSalt, wrappedNative });
      const tokens = contracts.vault ? deployTokens(batch, contracts.vault, wrappedNative, traders) : [];
      const addresses = new Map(
        [...people, ...tokens].map((one) => ["symbol" in one ? one.symbol : one.name, one.address]),
      );
      const own = consumers
        .filter((plan) => plan.chain === chain.name)
        .map((plan) => deployConsumer(batch, plan, { attestations: contracts.attestations, addresses }));
      return { ...chain, batch, contracts, tokens, consumers: own };
    }),
  );
  const tokens = deploying.flatMap(({ eid, tokens }) => tokens.map((token) => ({ eid, ...token })));
  const hub = asHub(deploying);
  const feedContracts = deployFeeds(hub.batch, accounts.priceUpdater.address);

  wireHub(hub);
  for (const chain of deploying) if (chain.eid !== hub.eid) wirePeers(hub, chain);
  const { timestamp } = await hubChain.client.getBlock();
  registerRisk(hub, { feeds: feedContracts.feeds, tokens, chains: deploying, nowSeconds: Number(timestamp) });
  const bonds = deployBonds(hub, owner, operators);
  await Promise.all(deploying.map(({ batch }) => batch.settle()));
  await stakeBonds(hubChain, bonds, operators);
  requireBonds(hub, bonds);
  installOperators(hub.batch, hub.contracts.operatorRegistry, operators);
  await hub.batch.settle();

  const { members, threshold } = operatorSetOf(operators);
  const deployment = deploymentSchema.parse({
    domainSalt,
    chains: deploying.map(({ name, eid, chainId, rpcUrl, hub, startBlock, layerZero, contracts, consumers }) => ({
      name,
      eid,
      chainId,
      rpcUrl,
      hub,
      startBlock: Number(startBlock),
      contracts: {
        endpoint: layerZero.endpoint,
        attestations: contracts.attestations,
        vault: contracts.vault,
        consumers: [...(contracts.market ? [contracts.market] : []), ...consumers],
        ledger: contracts.ledger,
        riskRegistry: contracts.riskRegistry,
        operatorRegistry: contracts.operatorRegistry,
      },
      layerZero: {
        sendLibrary: layerZero.sendLibrary,
        receiveLibrary: layerZero.receiveLibrary,
        executor: layerZero.executor,
        dvn: layerZero.dvn,
      },
    })),
    tokens: tokens.map(({ haircutBps, depthE8, ...token }) => token),
    feeds: Object.entries(feedContracts.feeds).map(([underlying, address]) => ({
      underlying,
      address,
      decimals: feedDecimals,
    })),
    instruments: instruments.map(({ name, underlying }) => ({ name, id: nameToId(name), underlying })),
    operators: members,
    threshold,
  } satisfies Deployment);
  return { deployment, feedContracts, hub: hubChain };
}

function asHub(chains: readonly DeployingChain[]): DeployingHub {
  for (const { eid, batch, contracts, consumers } of chains) {
    const { ledger, riskRegistry, operatorRegistry } = contracts;
    if (ledger && riskRegistry && operatorRegistry) {
      return { eid, batch, consumers, contracts: { ...contracts, ledger, riskRegistry, operatorRegistry } };
    }
  }
  throw new HubMissing();
}
