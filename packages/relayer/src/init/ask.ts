import { confirm, input } from "@inquirer/prompts";
import { isAddress } from "viem";
import type { ChainDescription } from "./chainDescription.ts";
import { networks } from "./networks.ts";

/** How questions are put: on a terminal, or by a test. */
export interface Asker {
  /** `check` gives true, or what is wrong with the answer. */
  text(question: string, options?: { standard?: string; check?: (answer: string) => true | string }): Promise<string>;
  yes(question: string, standard: boolean): Promise<boolean>;
}

export const terminalAsker: Asker = {
  text: (message, { standard, check } = {}) =>
    input({
      message,
      ...(standard === undefined ? {} : { default: standard }),
      ...(check === undefined ? {} : { validate: check }),
    }),
  yes: (message, standard) => confirm({ message, default: standard }),
};

const isSalt = (text: string): true | string =>
  /^0x[0-9a-fA-F]{64}$/.test(text) || "0x and 64 hexadecimal digits, from the deployment's description";
const isOneAddress = (text: string): true | string =>
  isAddress(text) || "an address with its checksum, or in lowercase";
const isNoneOrAddress = (text: string): true | string => text === "" || isOneAddress(text);
const isList = (isOne: (part: string) => true | string) => (text: string) =>
  splitList(text)
    .map(isOne)
    .find((verdict) => verdict !== true) ?? true;
const isUrl = (text: string): true | string => /^https?:\/\/\S+$/.test(text) || "a URL with http or https";
const isNumber = (text: string): true | string => /^[0-9]+$/.test(text) || "a whole number";
const splitList = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

export const askSalt = (asker: Asker): Promise<string> => asker.text("The deployment's domainSalt:", { check: isSalt });

/** Chain after chain, until there are no more. */
export async function askChains(asker: Asker): Promise<ChainDescription[]> {
  const chains: ChainDescription[] = [];
  do chains.push(await askChain(asker, !chains.some(({ hub }) => hub)));
  while (await asker.yes("Another chain?", true));
  return chains;
}

async function askChain(asker: Asker, mayBeHub: boolean): Promise<ChainDescription> {
  const name = await asker.text(`Network (${networks.map((network) => network.name).join(", ")}, or another):`);
  const isKnown = networks.some((network) => network.name === name);
  const ask = async (what: string, check: (text: string) => true | string, standard?: string) =>
    await asker.text(`${name}: ${what}:`, { check, ...(standard === undefined ? {} : { standard }) });
  const optional = async (what: string) =>
    (await ask(`${what} (empty where there is none)`, isNoneOrAddress, "")) || undefined;
  const eid = isKnown ? undefined : Number(await ask("LayerZero endpoint id", isNumber));
  const chainId = isKnown ? undefined : Number(await ask("chain id", isNumber));
  const endpoint = isKnown ? undefined : await ask("LayerZero's EndpointV2", isOneAddress);
  const rpcUrls = splitList(await ask("RPC URLs, separated by commas; better two", isList(isUrl)));
  const hub = mayBeHub && (await asker.yes(`${name}: is it the hub?`, false));
  const attestations = await ask("SolvencyAttestations", isOneAddress);
  const vault = await optional("CollateralVault");
  const consumers = splitList(await ask("consumers, separated by commas", isList(isOneAddress), ""));
  const registries = hub
    ? {
        ledger: await ask("CollateralLedger", isOneAddress),
        riskRegistry: await ask("RiskRegistry", isOneAddress),
        operatorRegistry: await ask("OperatorRegistry", isOneAddress),
      }
    : {};
  const startBlock = Number(await ask("first block of the deployment", isNumber));
  const contracts = { endpoint, attestations, vault, consumers, ...registries };
  return { name, eid, chainId, rpcUrls, hub, startBlock, contracts };
}
