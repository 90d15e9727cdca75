import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { freePorts } from "@plimsoll/devnet/chains/port";

/** A program that starts chains and operators, as a process of its own, in a process group of its own. */
export interface Program {
  readonly process: ChildProcess;
  /** What it has printed so far, both streams. */
  output(): string;
  /** Resolves once it has printed the text. Rejects if it ends before. */
  printed(text: string): Promise<void>;
  /** Its exit code. */
  readonly ended: Promise<number | null>;
}

const main = join(import.meta.dirname, "../src/main.ts");

/** @param program another one than the demo. */
export function startProgram(args: readonly string[], program = main): Program {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"], detached: true });
  let text = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      for (const listener of listeners) listener();
    });
  }
  const ended = once(child, "close").then(([code]) => code as number | null);
  return {
    process: child,
    output: () => text,
    ended,
    async printed(wanted) {
      const seen = new Promise<true>((resolve) => {
        const look = () => {
          if (text.includes(wanted)) resolve(true);
        };
        listeners.add(look);
        look();
      });
      if ((await Promise.race([seen, ended.then(() => false)])) || text.includes(wanted)) return;
      throw new EndedEarly(text);
    },
  };
}

class EndedEarly extends Error {
  override readonly name = "EndedEarly";
}

/** Command line options that choose six free ports. */
export async function portOptions(): Promise<{ options: string[]; ports: number[] }> {
  const ports = await freePorts(6);
  return {
    ports,
    options: ["--chain-ports", ports.slice(0, 3).join(","), "--api-ports", ports.slice(3).join(",")],
  };
}

/** Process ids of a process's descendants, from the kernel's table. */
export function descendants(pid: number, table: readonly { pid: number; parent: number }[]): number[] {
  const children = table.filter(({ parent }) => parent === pid).map((each) => each.pid);
  return children.flatMap((child) => [child, ...descendants(child, table)]);
}
