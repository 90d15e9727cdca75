// What it costs a node to answer for messages, with many of them: the dearest questions that the API lets anybody ask.
// One JSON line a figure. `node bench/messages.ts MESSAGES`
import { numberToHex } from "viem";
import { openDatabase } from "../src/database.ts";
import { listMessages } from "../src/messages.ts";
import { messagesBetween } from "../src/messagesBetween.ts";

const count = Number(process.argv[2] ?? 50_000);
const accounts = 1_000;
const zero = numberToHex(0, { size: 32 });
const word = (value: number) => numberToHex(value, { size: 32 });

const database = openDatabase(":memory:");
const insert = (table: string, columns: number) =>
  database.sqlite.prepare(`INSERT INTO ${table} VALUES (${Array.from({ length: columns }, () => "?").join(", ")})`);
const [sent, verified] = [insert("packets_sent", 13), insert("packets_verified", 12)];
const delivered = insert("packets_delivered", 7);
database.sqlite.transaction(() => {
  for (let number = 1; number <= count; number++) {
    const message = [zero, number, word(number), word(number)];
    const path = [`${number}`, 1, 2, zero, zero];
    sent.run(1, number, 0, ...message, ...path, word(number % accounts));
    verified.run(2, number, 0, ...message, ...path);
    delivered.run(2, number, 1, ...message);
  }
})();

const blocks = (number: number) => new Map([1, 2].map((eid) => [eid, number]));
const questions: Readonly<Record<string, () => unknown>> = {
  messages_default: () => listMessages(database),
  messages_most: () => listMessages(database, { limit: 500 }),
  messages_rare_status: () => listMessages(database, { status: "failed", limit: 500 }),
  messages_of_account: () => listMessages(database, { account: word(7), limit: 500 }),
  messages_resumed: () => messagesBetween(database, blocks(count - 400), blocks(count)),
};
for (const [bench, ask] of Object.entries(questions)) {
  const milliseconds = [1, 2, 3, 4, 5].map(() => {
    const before = process.cpuUsage();
    ask();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  });
  const value = Math.round((milliseconds.sort((a, b) => a - b)[2] ?? 0) * 10) / 10;
  console.log(JSON.stringify({ bench, value, unit: "ms of CPU", messages: count }));
}
database.close();
