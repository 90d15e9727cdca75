import { systemsAlone } from "../../vitest.shared.ts";

export default systemsAlone("test/*.test.ts");
