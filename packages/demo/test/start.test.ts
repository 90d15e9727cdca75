import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { isRunning, processTable } from "./processes.ts";
import { descendants, type Program, portOptions, startProgram } from "./program.ts";

let program: Program | null = null;

afterEach(async () => {
  program?.process.kill("SIGINT");
  await program?.ended;
  program = null;
});

const running = "Everything keeps running until Ctrl-C";

function childrenOf(started: Program): number[] {
  return descendants(started.process.pid ?? 0, processTable());
}

test("behavior: Ctrl-C ends every child and leaves nothing behind", async () => {
  const { options } = await portOptions();
  program = startProgram(["--no-story", ...options]);
  await program.printed(running);
  const children = childrenOf(program);
  expect(children.length).toBeGreaterThanOrEqual(6);
  // As a terminal does it: to the whole group, twice.
  process.kill(-(program.process.pid ?? 0), "SIGINT");
  process.kill(-(program.process.pid ?? 0), "SIGINT");
  expect(await program.ended).toBe(0);
  await expect.poll(() => children.filter(isRunning)).toEqual([]);
});

test("behavior: killed outright, it takes its children with it", async () => {
  const { options } = await portOptions();
  program = startProgram(["--no-story", ...options]);
  await program.printed(running);
  const children = childrenOf(program);
  program.process.kill("SIGKILL");
  await expect.poll(() => children.filter(isRunning)).toEqual([]);
});

test("error: PortBusy is one clear line and exit code 1", async () => {
  const { options, ports } = await portOptions();
  const server = createServer().listen(ports[4], "127.0.0.1");
  await once(server, "listening");
  try {
    program = startProgram(["--no-story", ...options]);
    expect(await program.ended).toBe(1);
    expect(program.output()).toContain(`Port ${ports[4]} on 127.0.0.1 is in use.`);
    expect(program.output()).not.toContain("    at ");
  } finally {
    server.close();
  }
});

test.each(["anvil", "relayer"])("error: a dead child (%s) ends all with exit code 1", async (which) => {
  const { options } = await portOptions();
  program = startProgram(["--no-story", ...options]);
  await program.printed(running);
  const children = childrenOf(program);
  const table = processTable().filter(({ pid }) => children.includes(pid));
  const victim = table.find(({ command }) =>
    which === "anvil" ? /anvil/.test(command) && !/guardian/.test(command) : /relayer.*start --config/.test(command),
  );
  expect(victim).toBeDefined();
  process.kill(victim?.pid ?? 0, "SIGKILL");
  expect(await program.ended).toBe(1);
  expect(program.output()).toMatch(/ended \(SIGKILL\)/);
  await expect.poll(() => children.filter(isRunning)).toEqual([]);
});
