import { parentPort, workerData } from "node:worker_threads";
import { simulate } from "./simulate.ts";
import { variants } from "./variants.ts";

// One thread of a campaign: runs the seeds that it is handed, one after the other, and tells what became of each.

Error.stackTraceLimit = 0;
const composition = variants.find(({ name }) => name === (workerData as { variant: string | null }).variant);
parentPort?.on("message", async (seed: number) => {
  parentPort?.postMessage(await simulate(composition === undefined ? { seed } : { seed, composition }));
});
parentPort?.postMessage("ready");
