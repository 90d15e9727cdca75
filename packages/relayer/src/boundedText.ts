/** An answer is longer than anybody who means well would send. */
export class AnswerTooLongError extends Error {
  override readonly name = "AnswerTooLongError";

  constructor(mostBytes: number) {
    super(`the answer is too long: more than ${mostBytes} bytes`);
  }
}

/**
 * The body of an answer, which is not read any further once it is too long: whoever sends one without an end must not
 * use up this process's memory.
 *
 * @throws AnswerTooLongError
 * @example
 * const answer = JSON.parse(await boundedText(await fetch(url), 1 << 20));
 */
export async function boundedText(response: Response, mostBytes: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > mostBytes) throw new AnswerTooLongError(mostBytes);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}
