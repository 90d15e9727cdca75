import { writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type ConfigInput, fileSchema, renderConfig } from "../config.ts";
import { InitError } from "./errors.ts";

/**
 * Writes a configuration that `plimsoll start` takes; never over one that is there.
 *
 * @throws InitError
 */
export function writeConfig(path: string, input: ConfigInput): void {
  const parsed = fileSchema.safeParse(input);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
    throw new InitError(problems, "Correct what was given and run it again; nothing was written.", parsed.error);
  }
  try {
    writeFileSync(path, renderConfig(input), { flag: "wx", mode: 0o600 });
  } catch (cause) {
    const isThere = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    const problem = isThere ? `${path} is there already` : `${path} cannot be written`;
    const hint = isThere
      ? "Name another file, or move that one away."
      : `Check that ${dirname(resolve(path))} is there.`;
    throw new InitError(problem, hint, cause);
  }
}
