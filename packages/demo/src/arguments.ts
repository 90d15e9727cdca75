import { parseArgs } from "node:util";
import { type ConsumerPlan, parseConsumer } from "@plimsoll/devnet/plimsoll/consumers";
import { InvalidArgument } from "./errors.ts";
import { defaultPorts, type SystemPorts } from "./system/ports.ts";

export const usage = `Starts three chains with LayerZero V2 and three operators, tells a story on them, and runs on until Ctrl-C.

  npm start -- [--no-story] [--exit] [--logs DIR] [--chain-ports A,B,C] [--api-ports A,B,C] [--consumer ...]

  --no-story     only start everything
  --exit         end after the story
  --logs DIR     keep the operators' configurations, databases and logs in DIR, a new or empty folder
  --chain-ports  of alder, birch and cedar; ${defaultPorts.chains.join(",")} unless given
  --api-ports    of the three operators; ${defaultPorts.operators.join(",")} unless given
  --consumer     CHAIN=CONTRACT,ARGUMENT,...: a consumer of your own beside the markets, and no story; docs/INTEGRATE.md`;

export interface Arguments {
  readonly story: boolean;
  readonly exit: boolean;
  readonly logs: string | undefined;
  readonly ports: SystemPorts;
  readonly consumers: readonly ConsumerPlan[];
}

/**
 * Reads the command line; null if it asks for help.
 * @throws {InvalidArgument}
 */
export function readArguments(args: readonly string[]): Arguments | null {
  const values = parsed(args);
  if (values.help) return null;
  return {
    // The story reckons with the markets alone.
    story: !values["no-story"] && values.consumer.length === 0,
    consumers: values.consumer.map(consumerOf),
    exit: values.exit,
    logs: values.logs,
    ports: {
      chains: portsOf("--chain-ports", values["chain-ports"]) ?? defaultPorts.chains,
      operators: portsOf("--api-ports", values["api-ports"]) ?? defaultPorts.operators,
    },
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        "no-story": { type: "boolean", default: false },
        exit: { type: "boolean", default: false },
        logs: { type: "string" },
        "chain-ports": { type: "string" },
        "api-ports": { type: "string" },
        consumer: { type: "string", multiple: true, default: [] },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (cause) {
    throw new InvalidArgument(cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause), { cause });
  }
}

function consumerOf(text: string): ConsumerPlan {
  try {
    return parseConsumer(text);
  } catch (cause) {
    throw new InvalidArgument(`--consumer takes such as birch=CreditLine,USDC,bob, not "${text}"`, { cause });
  }
}

function portsOf(option: string, text: string | undefined): [number, number, number] | undefined {
  if (text === undefined) return undefined;
  const ports = text.split(",").map(Number);
  const [first, second, third, ...more] = ports;
  const valid = ports.every((port) => Number.isInteger(port) && port > 0 && port < 65_536);
  if (!valid || first === undefined || second === undefined || third === undefined || more.length > 0) {
    throw new InvalidArgument(`${option} takes three ports such as 8545,8546,8547, not "${text}"`);
  }
  return [first, second, third];
}
