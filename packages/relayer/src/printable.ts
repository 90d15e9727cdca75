/**
 * What others said, as one line for a terminal: control characters could clear it, colour it, or write lines of their own.
 *
 * @example printable("all\u001b[2J well\nok") // "all [2J well; ok"
 */
export const printable = (said: string): string => said.replace(/\s*[\r\n]\s*/g, "; ").replace(/\p{Cc}+/gu, " ");
