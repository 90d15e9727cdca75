import type { Config } from "drizzle-kit";

// drizzle-kit reads a default export.
export default {
  dialect: "sqlite",
  schema: ["./src/store/tables.ts", "./src/transactions/tables.ts"],
  out: "./migrations",
} satisfies Config;
