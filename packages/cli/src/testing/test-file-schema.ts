/** The form of a test file (JSON Schema, draft 7). `x-rule` says each rule in words, as the configuration's schema does. */
const NAME = { type: "string", minLength: 1, "x-rule": "must be a text that is not empty" };
const COUNT = { type: "integer", minimum: 0, "x-rule": "must be a whole number from 0" };
const TYPE = { enum: ["STANDARD", "EXPRESS"], "x-rule": "must be STANDARD or EXPRESS" };
const SECONDS = { type: "number", minimum: 0, "x-rule": "must be a number of seconds from 0" };

function record(properties: object, more: object = {}): object {
  return { type: "object", additionalProperties: false, properties, "x-rule": "must be a map", ...more };
}

function mapOf(values: object): object {
  return { type: "object", additionalProperties: values, "x-rule": "must be a map" };
}

function listOf(items: object, more: object = {}): object {
  return { type: "array", items, "x-rule": "must be a list", ...more };
}

const ANSWER = record({
  when: {},
  times: { type: "integer", minimum: 1, "x-rule": "must be a whole number from 1" },
  return: {},
  throw: record({ error: NAME, cause: { type: "string", "x-rule": "must be a text" } }, { required: ["error"] }),
});

// Functions are not JSON: those of a TypeScript file are checked by its types alone.
const MOCKS = mapOf({
  "x-rule": "must be an answer, or a list of answers",
  if: { type: "array" },
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word.
  then: listOf(ANSWER, { minItems: 1 }),
  else: ANSWER,
});

const EXPECT = record({
  status: {
    enum: ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"],
    "x-rule": "must be SUCCEEDED, FAILED, TIMED_OUT or ABORTED",
  },
  output: {},
  outputContains: {},
  error: NAME,
  cause: { type: "string", "x-rule": "must be a text, or /a regular expression/" },
  path: listOf(NAME),
  visits: mapOf(COUNT),
  tasks: mapOf(record({ times: COUNT, inputs: listOf({}) })),
  seconds: {
    "x-rule": "must be a number of seconds, or a map with min and max",
    if: { type: "object" },
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word.
    then: record({ min: SECONDS, max: SECONDS }),
    else: SECONDS,
  },
});

const CHAOS = record({
  survives: {
    "x-rule": "must be true, or a list of states",
    if: { type: "array" },
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word.
    then: listOf(NAME),
    else: { const: true, "x-rule": "must be true, or a list of states" },
  },
  error: NAME,
  skip: { type: "boolean", "x-rule": "must be true or false" },
});

const CASE = record(
  { name: NAME, input: {}, inputFile: NAME, mocks: MOCKS, expect: EXPECT, chaos: CHAOS },
  { required: ["name"], "x-rule": "must be a map with at least a name" },
);

export const TEST_FILE_SCHEMA: object = record(
  {
    stateMachine: NAME,
    type: TYPE,
    config: NAME,
    others: mapOf({
      "x-rule": "must be a file, or a map with definition and type",
      if: { type: "object" },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word.
      then: record({ definition: NAME, type: TYPE }, { required: ["definition"] }),
      else: NAME,
    }),
    mocks: MOCKS,
    cases: listOf(CASE, { minItems: 1, maxItems: 10_000, "x-rule": "must be a list of 1 to 10,000 cases" }),
  },
  { required: ["stateMachine", "cases"], "x-rule": "must be a map with stateMachine and cases" },
);
