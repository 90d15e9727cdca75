export { calculating as default } from "../../vitest.shared.ts";
