import { validateScenarioSet } from "@plimsoll/risk/scenarios";
import type { Address } from "viem";
import type { Allotment, Epoch, TransitionInput } from "../epoch.ts";
import { InconsistentState } from "../errors.ts";
import type { AccountId, ChainAddressKey, Eid, InstrumentId } from "../ids.ts";
import type { ConsumerWeight, MarginParameters, Portfolio, StateAtCut } from "../state.ts";
import type { Steps } from "../steps.ts";
import { type Collateral, collateralSteps } from "./capacity.ts";
import { type Exposures, exposuresOf } from "./concentration.ts";
import { type PricedInstruments, priceInstruments } from "./instruments.ts";
import { underlyingMarkets } from "./markets.ts";
import { isPosted, makePath, mustBeSilent, type Path, type PathRule, soundPathRule } from "./path.ts";
import type { Weighable } from "./weights.ts";

/** A registered consumer on a chain of the cut. */
export interface Consumer extends Weighable {
  readonly portfolios: ReadonlyMap<AccountId, Portfolio>;
  readonly path: Path;
  /** Its leaves at each step of the path. */
  readonly stepAllotments: readonly (ReadonlyMap<AccountId, Allotment> | undefined)[];
  /** The path of the posted epoch alone: what is certain to rule there. */
  readonly postedPath: Path;
  /** Its leaves at the newest earlier epoch. */
  readonly newestAllotments: ReadonlyMap<AccountId, Allotment> | undefined;
}

/** What holds for all accounts of one transition. */
export interface Context {
  readonly scenarios: number;
  readonly mostScenarios: number;
  readonly margin: MarginParameters;
  readonly instruments: PricedInstruments;
  readonly exposures: Exposures;
  /** Chains that get no leaves in this epoch. */
  readonly silent: ReadonlySet<Eid>;
  /** Ascending by eid, then address. */
  readonly consumers: readonly Consumer[];
  readonly collateral: ReadonlyMap<AccountId, readonly Collateral[]>;
  readonly weights: ReadonlyMap<AccountId, readonly ConsumerWeight[]>;
}

const nothing: ReadonlyMap<AccountId, Portfolio> = new Map();

/**
 * Prices what is to be priced and finds what each chain may have been ruled by.
 * @throws {InconsistentState} when the hub, or a chain of the cut, is missing.
 */
export function* contextSteps(input: TransitionInput, rule: PathRule): Steps<Context> {
  const { state } = input;
  const { hub } = state;
  const hubChain = state.chains.get(hub.eid);
  if (hubChain === undefined) throw new InconsistentState(`the hub, eid ${hub.eid}, is not in the cut`);
  for (const { eid } of state.cut) {
    if (!state.chains.has(eid)) throw new InconsistentState(`eid ${eid} is in the cut but not in the state`);
  }
  const earlier = [...input.earlier].sort((a, b) => a.header.epoch - b.header.epoch);
  const scenarios = validateScenarioSet(hub.risk.scenarios);
  // The hub's clock stands still when the hub does; the operators' does not.
  const timestamp = Math.max(hubChain.block.timestampSeconds, input.issuedAt);
  const markets = underlyingMarkets(hub, timestamp, earlier);
  const time = { nowSeconds: timestamp, cutSeconds: hubChain.block.timestampSeconds };
  const instruments = priceInstruments(hub, markets, time, makeIsHeld(state));
  const paths = new Map<Eid, { readonly path: Path; readonly postedPath: Path }>();
  const pathsOf = (eid: Eid) => {
    const known = paths.get(eid);
    if (known) return known;
    const chain = chainOf(state, eid);
    const posted = earlier.filter((epoch) => isPosted(chain, epoch));
    const made = {
      path: makePath(chain, earlier, instruments.all, scenarios, rule),
      postedPath: makePath(chain, posted, instruments.all, scenarios, soundPathRule),
    };
    paths.set(eid, made);
    return made;
  };
  const consumers = registeredConsumers(state, earlier).map(({ eid, consumer, key, active }): Consumer => {
    const { path, postedPath } = pathsOf(eid);
    const leavesOf = (epoch: Epoch | undefined) => epoch?.chains.get(eid)?.allotments.get(consumer);
    return {
      eid,
      consumer,
      key,
      active,
      path,
      postedPath,
      portfolios: chainOf(state, eid).portfolios.get(consumer) ?? nothing,
      stepAllotments: path.steps.map(({ epoch }) => leavesOf(epoch)),
      newestAllotments: leavesOf(earlier.at(-1)),
    };
  });
  const books = [...paths.values()]
    .flatMap(({ path, postedPath }) => [path, postedPath])
    .flatMap(({ steps, today }) => [today, ...steps.map(({ book }) => book)]);
  return {
    scenarios,
    mostScenarios: books.reduce((most, book) => Math.max(most, book.scenarios), scenarios),
    margin: hub.risk.margin,
    instruments,
    exposures: exposuresOf(hub.risk, instruments.all),
    silent: new Set(
      [...state.chains.values()]
        .filter((chain) => mustBeSilent(chain, earlier, rule.mostEpochsPerBlock))
        .map(({ block }) => block.eid),
    ),
    consumers,
    collateral: yield* collateralSteps(state, earlier, markets, rule.exits),
    weights: hub.weights,
  };
}

/** Whether anybody holds an instrument at the cut. Looked up only once it is asked. */
function makeIsHeld({ chains }: StateAtCut): (instrument: InstrumentId) => boolean {
  let held: Set<InstrumentId> | undefined;
  return (instrument) => {
    if (held === undefined) {
      held = new Set();
      for (const { portfolios } of chains.values()) {
        for (const byAccount of portfolios.values()) {
          for (const { positions } of byAccount.values()) for (const id of positions.keys()) held.add(id);
        }
      }
    }
    return held.has(instrument);
  };
}

function chainOf(state: StateAtCut, eid: Eid) {
  const chain = state.chains.get(eid);
  if (chain === undefined) throw new InconsistentState(`eid ${eid} is not in the cut`);
  return chain;
}

/** What an unregistered contract says of portfolios counts for nothing: anybody can deploy one. */
function registeredConsumers(state: StateAtCut, earlier: readonly Epoch[]): Weighable[] {
  const consumers: Weighable[] = [];
  for (const [key, active] of state.hub.risk.consumers) {
    const eid = Number(key.slice(0, key.indexOf(":")));
    const consumer = key.slice(key.indexOf(":") + 1) as Address;
    if (state.chains.has(eid)) consumers.push({ eid, consumer, key: key as ChainAddressKey, active });
    else if (earlier.some((epoch) => epoch.chains.has(eid))) {
      throw new InconsistentState(`eid ${eid} was allotted to before and is not in the cut`);
    }
  }
  return consumers.sort((a, b) => a.eid - b.eid || (a.consumer < b.consumer ? -1 : 1));
}
