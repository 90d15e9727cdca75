import type { Config } from "./config.ts";

/** Gives a text without the secrets in it. */
export type Scrub = (text: string) => string;

const struck = "[secret]";
/** Shorter parts of a URL are words (`v3`, `mainnet`), not secrets. */
const shortestSecret = 8;

/**
 * Strikes out every one of the secrets, wherever in a text it stands.
 *
 * @example createScrub(["hunter2hunter2"])("key hunter2hunter2 refused") // "key [secret] refused"
 */
export function createScrub(secrets: readonly string[]): Scrub {
  // The longest first: a URL before the key that it contains.
  const long = secrets.filter((secret) => secret.length >= shortestSecret);
  // Also as it stands within JSON.
  const parts = [...new Set(long.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]))];
  parts.sort((a, b) => b.length - a.length);
  if (parts.length === 0) return (text) => text;
  const pattern = new RegExp(parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "gi");
  return (text) => text.replace(pattern, struck);
}

/** Everything that a configuration and the environment hold and nobody may read. */
export function secretsOf(
  { signer, chains }: Pick<Config, "signer" | "chains">,
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const urls = [...chains.flatMap(({ rpcUrls }) => rpcUrls), ...(signer.kind === "remote" ? [signer.url] : [])];
  const key = signer.kind === "key" ? signer.privateKey.slice(2) : undefined;
  const passphrase = environment["PLIMSOLL_KEYSTORE_PASSPHRASE"];
  return [...urls.flatMap(secretPartsOf), ...[key, passphrase].filter((secret) => secret !== undefined)];
}

/**
 * Of a URL all but scheme and host may be a provider's key: user, password, path and query. As they stand in it, as they
 * are meant, and user and password as the header that they travel in.
 */
export function secretPartsOf(url: string): string[] {
  const { username, password, pathname, search } = new URL(url);
  const query = search
    .slice(1)
    .split("&")
    .map((pair) => pair.slice(pair.indexOf("=") + 1));
  const parts = [username, password, ...pathname.split("/"), ...query];
  const basic = Buffer.from(`${decode(username)}:${decode(password)}`).toString("base64");
  return [...parts.flatMap((part) => [part, decode(part)]), ...(username === "" && password === "" ? [] : [basic])];
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
