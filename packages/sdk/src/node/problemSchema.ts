import { z } from "zod";

/** `application/problem+json` as a node writes it. */
export const problemSchema = z.object({
  status: z.int(),
  code: z.string(),
  title: z.string(),
  detail: z.string(),
  hint: z.string(),
});
