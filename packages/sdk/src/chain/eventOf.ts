import {
  type Abi,
  type Address,
  type ContractEventName,
  type ParseEventLogsReturnType,
  parseEventLogs,
  type TransactionReceipt,
} from "viem";
import { MissingEvent } from "../errors/contract.ts";

/**
 * The arguments of the one event of that name that `emitter` emitted in a transaction.
 * @throws {MissingEvent}
 */
export function eventOf<const abi extends Abi, eventName extends ContractEventName<abi>>(
  receipt: TransactionReceipt,
  parameters: { abi: abi; emitter: Address; eventName: eventName },
): ParseEventLogsReturnType<abi, eventName, true>[number]["args"] {
  const { abi, emitter, eventName } = parameters;
  const logs = receipt.logs.filter(({ address }) => address.toLowerCase() === emitter.toLowerCase());
  const [log] = parseEventLogs({ abi, eventName, logs });
  if (log === undefined) throw new MissingEvent(eventName, receipt.transactionHash);
  return log.args;
}
