import { execFileSync } from "node:child_process";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { DevnetPortBusy } from "../errors.ts";
import { assertPortFree, freePorts } from "./port.ts";

test("default: free ports, none of them twice", async () => {
  const ports = [...(await freePorts(20)), ...(await freePorts(20))];
  expect(new Set(ports).size).toBe(40);
  await Promise.all(ports.map(assertPortFree));
});

test("behavior: what one process was given, another is not", async () => {
  const mine = await freePorts(300);
  const program = `import { freePorts } from "./port.ts"; console.log(JSON.stringify(await freePorts(300)))`;
  const options = { cwd: import.meta.dirname, encoding: "utf8" } as const;
  const theirs: number[] = JSON.parse(execFileSync(process.execPath, ["--input-type=module", "-e", program], options));
  expect(theirs).toHaveLength(300);
  expect(theirs.filter((port) => mine.includes(port))).toEqual([]);
});

test("error: DevnetPortBusy", async () => {
  const [port = 0] = await freePorts(1);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  await expect(assertPortFree(port)).rejects.toMatchObject({ port });
  await expect(assertPortFree(port)).rejects.toThrow(DevnetPortBusy);
});
