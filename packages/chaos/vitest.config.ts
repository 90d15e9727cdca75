import { systemsAlone } from "../../vitest.shared.ts";

export default systemsAlone("test/run.test.ts");
