import { BaseError } from "viem";

/**
 * Why a call failed, in a few words: what the endpoint said, and what the system calls it, such as ECONNREFUSED or
 * ENOTFOUND. It may hold what a provider says, and so a key: whoever shows it strikes that out.
 */
export function reasonOf(error: unknown): string {
  const said = error instanceof BaseError ? error.details || error.shortMessage : String(error);
  const code = systemCode(error);
  return code === null || said.includes(code) ? said : `${said} (${code})`;
}

/** Codes of RPC errors are numbers. */
function systemCode(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  return systemCode(error.cause) ?? ("code" in error && typeof error.code === "string" ? error.code : null);
}
