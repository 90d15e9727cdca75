import { z } from "zod";

/** What this node does for LayerZero messages of the deployment that got stuck, or that nobody sent. */
export const messagesSchema = z.strictObject({
  /** A message that was verified so long ago and is not executed is executed by this node. 0: never. */
  executeAfterSeconds: z.number().int().min(0).default(180),
  /** A deposit that the hub has not heard of for so long, and is about to hear of by no message, is reported by this node, within
   * `gas.dailyReportBudget`. 0: never. */
  reportAfterSeconds: z.number().int().min(0).default(900),
  /** Deposits worth less, USD, are their owners' to report. */
  reportLeastUsd: z.number().min(0).max(1e9).default(20),
  /** How long each further operator waits for those before it to do so. */
  standInSeconds: z.number().int().min(1).default(60),
  /** A message that is still on its way after so long is told of in the log, then each time its age has doubled. */
  overdueSeconds: z.number().int().min(1).default(1_800),
});

export type MessagesConfig = z.output<typeof messagesSchema>;
