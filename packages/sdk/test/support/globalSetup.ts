import { freePorts } from "@plimsoll/devnet/chains/port";
import type { Deployment } from "@plimsoll/devnet/deployment";
import { startDevnet } from "@plimsoll/devnet/devnet";
import type { Hex } from "viem";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    deployment: Deployment;
    keys: { alice: Hex; bob: Hex; maker: Hex; operators: Hex[] };
  }
}

/** One devnet for all files: three anvils, LayerZero and the contracts take seconds to start. */
export default async function setup(project: TestProject) {
  const [alder = 0, birch = 0, cedar = 0] = await freePorts(3);
  const devnet = await startDevnet({ ports: [alder, birch, cedar] });
  const { alice, bob, maker, operators } = devnet.accounts;
  project.provide("deployment", devnet.deployment);
  project.provide("keys", {
    alice: alice.privateKey,
    bob: bob.privateKey,
    maker: maker.privateKey,
    operators: operators.map(({ privateKey }) => privateKey),
  });
  return () => devnet.stop();
}
