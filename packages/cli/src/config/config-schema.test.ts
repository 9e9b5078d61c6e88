import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { TEST_FILE_SCHEMA } from "../testing/test-file-schema.ts";
import { CONFIG_SCHEMA } from "./config-schema.ts";

/**
 * To write the file anew, in packages/cli/src/config:
 * node -e 'console.log(JSON.stringify(require("./config-schema.ts").CONFIG_SCHEMA, null, 2))' > stepwell.schema.json
 */
describe("stepwell.schema.json", () => {
  it("is the schema that stepwell.yaml is checked with", () => {
    const file = fileURLToPath(new URL("./stepwell.schema.json", import.meta.url));
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(CONFIG_SCHEMA);
  });
});

it("the schemas of the program's files are schemas", () => {
  const ajv = new Ajv({ strict: false });
  for (const schema of [CONFIG_SCHEMA, TEST_FILE_SCHEMA])
    expect(ajv.validateSchema(schema) || ajv.errorsText()).toBe(true);
});
