import {
  type Abi,
  type AbiEvent,
  type Address,
  concat,
  encodeAbiParameters,
  encodeEventTopics,
  getAbiItem,
  type Hex,
  numberToHex,
  size,
} from "viem";

// A contract that emits any log it is told to, so that tests can write whatever history they need. Input: the number of
// topics (one word), that many topics, then the data. An input shorter than a word is answered with the eid.

/** A byte, a place to jump to, or the address of one. */
type Op = number | { readonly label: string } | { readonly to: string };

const [SUB, ADD, GT, EQ, SHL] = [0x03, 0x01, 0x11, 0x14, 0x1b];
const [CALLDATALOAD, CALLDATASIZE, CALLDATACOPY, POP, MSTORE, JUMPI] = [0x35, 0x36, 0x37, 0x50, 0x52, 0x57];
const [PUSH1, PUSH4, DUP1, DUP3, SWAP1, LOG0, RETURN, STOP] = [0x60, 0x63, 0x80, 0x82, 0x90, 0xa0, 0xf3, 0x00];

function emitterCode(eid: number): Hex {
  const topic = (index: number): Op[] => [PUSH1, 32 * index, CALLDATALOAD];
  const branch = (count: number): Op[] => [DUP1, PUSH1, count, EQ, { to: `log${count}` }, JUMPI];
  const log = (count: number): Op[] => [{ label: `log${count}` }, POP, LOG0 + count, STOP];
  return assemble([
    ...[CALLDATASIZE, PUSH1, 32, GT, { to: "eid" }, JUMPI],
    // Words past the topics are pushed too; LOGn leaves them on the stack.
    ...[4, 3, 2, 1].flatMap(topic),
    ...[PUSH1, 0, CALLDATALOAD, PUSH1, 1, ADD, PUSH1, 5, SHL, DUP1, CALLDATASIZE, SUB],
    ...[DUP1, DUP3, PUSH1, 0, CALLDATACOPY, SWAP1, POP, PUSH1, 0, PUSH1, 0, CALLDATALOAD],
    ...[1, 2, 3, 4].flatMap(branch),
    ...[1, 2, 3, 4].flatMap(log),
    ...[{ label: "eid" }, PUSH4, ...Buffer.from(numberToHex(eid, { size: 4 }).slice(2), "hex")],
    ...[PUSH1, 0, MSTORE, PUSH1, 32, PUSH1, 0, RETURN],
  ]);
}

function assemble(ops: readonly Op[]): Hex {
  const labels = new Map<string, number>();
  let at = 0;
  for (const op of ops) {
    if (typeof op === "object" && "label" in op) labels.set(op.label, at);
    at += typeof op === "object" && "to" in op ? 2 : 1;
  }
  const bytes = ops.flatMap((op) => {
    if (typeof op === "number") return [op];
    return "label" in op ? [0x5b] : [PUSH1, labels.get(op.to) ?? 0];
  });
  return `0x${Buffer.from(bytes).toString("hex")}`;
}

/** What deploys an emitter that says it is on chain `eid`. */
export function emitterInitCode(eid: number): Hex {
  const code = emitterCode(eid);
  const length = numberToHex(size(code), { size: 1 });
  return concat(["0x60", length, "0x80600a5f395ff3", "0x00", code]);
}

/** A call of an emitter: what to send where. */
export interface Emission {
  readonly to: Address;
  readonly data: Hex;
}

/** Makes `emitter` emit an event of an ABI. Arguments by name; their types are the test's own business. */
export function emission(emitter: Address, abi: Abi, eventName: string, args: Record<string, unknown>): Emission {
  const event = getAbiItem({ abi, name: eventName }) as AbiEvent;
  const topics = encodeEventTopics({ abi: [event], eventName, args }).flatMap((topic) => (topic === null ? [] : topic));
  const plain = event.inputs.filter((input) => !input.indexed);
  const data = encodeAbiParameters(
    plain,
    plain.map(({ name = "" }) => args[name]),
  );
  return { to: emitter, data: concat([numberToHex(topics.length, { size: 32 }), ...topics, data]) };
}
