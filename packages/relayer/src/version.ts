import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** This package's version, as /v1/health and `plimsoll --version` tell it. */
export const version: string = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, "../package.json"), "utf8"))).version;
