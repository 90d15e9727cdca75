import { operatorRegistryAbi } from "@plimsoll/contracts/abi/OperatorRegistry";
import { riskRegistryAbi } from "@plimsoll/contracts/abi/RiskRegistry";
import type { ChainConfig } from "@plimsoll/indexer/config";
import { rpcEndpoint } from "@plimsoll/indexer/rpc/endpoint";
import { preflight } from "@plimsoll/indexer/sync/preflight";
import { type Address, type LocalAccount, zeroAddress } from "viem";
import type { Config } from "../config.ts";
import { openOperatorAccount } from "../keys/operatorAccount.ts";
import { createRequestSigner } from "../peers/authentication.ts";
import { createHttpPeers } from "../peers/httpPeers.ts";
import { postingOn } from "../posting/config.ts";
import { checkClock } from "./clock.ts";
import { hasSameDomain } from "./domain.ts";
import { checkEndpoints } from "./endpoints.ts";
import { type Finding, looking, well, wrong } from "./finding.ts";
import { checkGas } from "./gas.ts";
import { readerOf } from "./reader.ts";

/**
 * Looks at everything a node needs before it runs: the clock, every RPC endpoint by itself and against the others, chain
 * ids and code, the signing domain, the registries, this key's membership, gas, and the peers. Changes nothing.
 */
export async function checkNode(config: Config): Promise<readonly Finding[]> {
  const account = await openOperatorAccount(config.signer, process.env);
  const me = account.address.toLowerCase() as Address;
  const hub = config.chains.find((chain) => chain.hub);
  const groups = await Promise.all([
    ...config.chains.map((chain) => checkChain(chain, config, me)),
    ...(hub === undefined ? [] : [checkOperators(hub, config, me), checkRegistry(hub, config)]),
    checkPeers(config, account),
  ]);
  return [await checkClock(config.chains), ...groups.flat()];
}

async function checkChain(chain: ChainConfig, config: Config, me: Address): Promise<Finding[]> {
  const { domainSalt } = config;
  const { name } = chain;
  const contracts = `${name}: chain id, contracts and eids`;
  const answers = await Promise.all(
    chain.rpcUrls.map((url) =>
      looking(`${name}: rpcUrls`, async () => {
        await rpcEndpoint(url).chainId();
        return well(`${name}: rpcUrls answer`);
      }),
    ),
  );
  // Of those that answer any will do; each by itself is looked at below.
  const reachable = answers.find(({ problem }) => problem === null);
  if (reachable === undefined) return answers;
  const groups = await Promise.all([checkEndpoints(chain), checkGas(chain, config, me)]);
  const findings = await Promise.all([
    looking(contracts, async () => {
      await preflight([chain], () => chain.rpcUrls.map((url) => rpcEndpoint(url)));
      return well(contracts);
    }),
    looking(`${name}: domainSalt`, async () =>
      (await hasSameDomain(chain, domainSalt))
        ? well(`${name}: domainSalt`)
        : wrong(
            `${name}: domainSalt`,
            "the contract was made with another",
            "Take it from the deployment's description.",
          ),
    ),
  ]);
  return [reachable, ...findings, ...groups.flat()];
}

async function checkOperators(hub: ChainConfig, { peers }: Config, me: Address): Promise<Finding[]> {
  const subject = "operator set";
  const registry = hub.contracts.operatorRegistry;
  if (registry === null) return [];
  const one = await looking(subject, async () => {
    const set = await readerOf(hub).readContract({
      address: registry,
      abi: operatorRegistryAbi,
      functionName: "current",
    });
    const members = set.members.map((member) => member.toLowerCase());
    if (!members.includes(me)) {
      return wrong(
        subject,
        `${me} is not in set ${set.id}`,
        "Check PLIMSOLL_OPERATOR_KEY or [signer], or have the owner of the registry call setOperators with this address.",
      );
    }
    const configured = peers.map(({ address }) => address as string);
    const lacking = members.filter((member) => member !== me && !configured.includes(member));
    const surplus = configured.filter((peer) => !members.includes(peer));
    if (lacking.length > 0) {
      return wrong(
        subject,
        `[[peers]] lacks ${lacking.join(", ")}`,
        "Add them: an unknown operator's proposal is refused.",
      );
    }
    if (surplus.length > 0) {
      return wrong(subject, `[[peers]] names ${surplus.join(", ")}, who is in no set`, "Remove or correct them.");
    }
    return well(`${subject}: ${members.length} members, ${set.threshold} to sign, this key among them`);
  });
  return [one];
}

async function checkRegistry(hub: ChainConfig, { chains, posting }: Config): Promise<Finding[]> {
  const registry = hub.contracts.riskRegistry;
  if (registry === null) return [];
  const reader = readerOf(hub);
  const contract = { address: registry, abi: riskRegistryAbi } as const;
  const slowest = Math.max(...chains.map(({ name }) => postingOn(posting, name).heartbeatSeconds));
  const heartbeat = await looking("posting.heartbeatSeconds", async () => {
    const { attestationLifetimeSeconds } = await reader.readContract({ ...contract, functionName: "marginParameters" });
    return 2 * slowest <= attestationLifetimeSeconds
      ? well("posting.heartbeatSeconds")
      : wrong(
          "posting.heartbeatSeconds",
          `${slowest} s is too long: attestations expire after ${attestationLifetimeSeconds} s`,
          "Take at most half of that: between two posts an expired one lets accounts only reduce.",
        );
  });
  const perChain = await Promise.all(
    chains.map((chain) => {
      const subject = `${chain.name}: risk registry`;
      return looking(subject, async () => {
        const vault = await reader.readContract({ ...contract, functionName: "vault", args: [chain.eid] });
        if (vault.toLowerCase() !== (chain.contracts.vault ?? zeroAddress)) {
          return wrong(
            subject,
            `it names the vault ${vault}`,
            "Correct contracts.vault: states would differ from others'.",
          );
        }
        for (const consumer of chain.contracts.consumers) {
          const args = [chain.eid, consumer] as const;
          if (!(await reader.readContract({ ...contract, functionName: "consumerActive", args }))) {
            return wrong(subject, `${consumer} is no active consumer`, "Correct contracts.consumers.");
          }
        }
        return well(subject);
      });
    }),
  );
  return [heartbeat, ...perChain];
}

async function checkPeers({ peers, domainSalt }: Config, account: LocalAccount): Promise<Finding[]> {
  const me = account.address.toLowerCase() as Address;
  const sign = (message: string) => account.signMessage({ message });
  const client = createHttpPeers(peers, createRequestSigner({ me, domainSalt, sign, nowMs: Date.now }));
  return await Promise.all(
    peers.map(({ address, url }) => {
      const subject = `peer ${address} at ${url}`;
      return looking(subject, async () => {
        const { operator } = await client.status(address, 5_000);
        return operator === address ? well(subject) : wrong(subject, `${operator} runs there`, "Correct [[peers]].");
      });
    }),
  );
}
