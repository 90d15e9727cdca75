import { isIPv6 } from "node:net";
import type { HttpBindings } from "@hono/node-server";

/**
 * Who asks, as far as limits are concerned: an IPv4 address, or an IPv6 network of 64 bits, of which a household has one.
 *
 * @param proxies how many trusted proxies stand in front: each adds the address that it was asked from at the end of
 * X-Forwarded-For. What stands before that is the client's own word.
 * @param env of hono's node server; other hosts have no address.
 */
export function clientOf(headers: Headers, env: unknown, proxies: number): string {
  const socket = (env as Partial<HttpBindings> | undefined)?.incoming?.socket.remoteAddress ?? "unknown";
  if (proxies === 0) return networkOf(socket);
  const forwarded = (headers.get("x-forwarded-for") ?? "").split(",").map((part) => part.trim());
  return networkOf(forwarded.at(-proxies) || socket);
}

function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:/, "");
  if (!isIPv6(plain)) return plain;
  const [head = "", tail = ""] = plain.split("::");
  const groups = head === "" ? [] : head.split(":");
  const last = tail === "" ? [] : tail.split(":");
  const all = [...groups, ...Array.from({ length: Math.max(0, 8 - groups.length - last.length) }, () => "0"), ...last];
  return `${all.slice(0, 4).join(":")}::/64`;
}
