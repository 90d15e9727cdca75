import { describeError } from "../log.ts";

/** One thing that was looked at. `problem` is null when it is well. */
export interface Finding {
  readonly subject: string;
  readonly problem: string | null;
  readonly hint: string | null;
}

export const well = (subject: string): Finding => ({ subject, problem: null, hint: null });
export const wrong = (subject: string, problem: string, hint: string): Finding => ({ subject, problem, hint });

/** A failure to look is a finding, too. */
export async function looking(subject: string, look: () => Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    const hint =
      error instanceof Error && "hint" in error ? String(error.hint) : "Check that it runs and can be reached.";
    const told = describeError(error) as { message?: unknown };
    return wrong(subject, String(told.message), hint);
  }
}
