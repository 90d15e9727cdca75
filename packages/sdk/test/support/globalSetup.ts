import type { Deployment } from "@plimsoll/devnet/deployment";
import { startDevnet } from "@plimsoll/devnet/devnet";
import type { Hex } from "viem";
import type { TestProject } from "vitest/node";
import { freePort } from "./freePort.ts";

declare module "vitest" {
  export interface ProvidedContext {
    deployment: Deployment;
    keys: { alice: Hex; bob: Hex; maker: Hex; operators: Hex[] };
  }
}

/** One devnet for all files: three anvils, LayerZero and the contracts take seconds to start. */
export default async function setup(project: TestProject) {
  const devnet = await startDevnet({ ports: [await freePort(), await freePort(), await freePort()] });
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
