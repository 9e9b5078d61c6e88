import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Drive } from "../execution/drive.test-support.ts";
import type { Json, JsonObject } from "../json.ts";
import { toJsonata } from "./to-jsonata.ts";

// Random definitions of Pass, Choice, Map and Parallel are run in both languages, on random inputs (J2 of to-jsonata.ts).

const NAMES = ["a", "b", "c d", "in", "$e"] as const;

const scalar: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, false, "", "x", "10", "a*b", "é", "{% 1 %}"),
  fc.integer({ min: -20, max: 20 }),
  fc.constantFrom(0.5, 1.25, -2.5),
);

// JSONata reads a single value and an array of it alike, so what is an array is always one here, and has its own name.
const { json } = fc.letrec<{ json: Json; object: Json; array: Json }>((tie) => ({
  json: fc.oneof({ depthSize: "small", withCrossShrink: true }, scalar, tie("object")),
  object: fc.record(
    { a: tie("json"), b: tie("json"), "c d": scalar, in: tie("array"), $e: scalar },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Json>,
  array: fc.array(fc.oneof(tie("json"), scalar), { maxLength: 3 }) as fc.Arbitrary<Json>,
}));

const input: fc.Arbitrary<Json> = fc.record(
  { a: json, b: json, "c d": scalar, in: fc.array(json, { maxLength: 3 }), $e: scalar },
  { requiredKeys: ["a", "b", "in"] },
) as fc.Arbitrary<Json>;

const step: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(".a", ".b", "['c d']", "['$e']") },
  { weight: 2, arbitrary: fc.constantFrom("['in']", "['in'][0]", "['in'][1]") },
);
const path: fc.Arbitrary<string> = fc
  .array(step, { maxLength: 2 })
  .map((steps) => `$${steps.join("")}`)
  .filter((text) => !/\['in'\][^[]|\['in'\]\['/.test(text));
const resultPath: fc.Arbitrary<Json> = fc.oneof(fc.constantFrom<Json>(null, "$", "$.a", "$.n", "$.n.m", "$['c d']"));

const intrinsic: fc.Arbitrary<string> = fc.oneof(
  path.map((p) => `States.Format('x{}y', ${p})`),
  path.map((p) => `States.ArrayLength(${p})`),
  path.map((p) => `States.JsonToString(${p})`),
  fc.tuple(path, path).map(([p, q]) => `States.JsonMerge(${p}, ${q}, false)`),
  fc.tuple(path, path).map(([p, q]) => `States.MathAdd(${p}, ${q})`),
  fc.tuple(path, fc.integer({ min: 1, max: 3 })).map(([p, n]) => `States.ArrayPartition(${p}, ${n})`),
  fc.tuple(path, fc.integer({ min: 0, max: 2 })).map(([p, n]) => `States.ArrayGetItem(${p}, ${n})`),
  path.map((p) => `States.ArrayContains(${p}, 'x')`),
  path.map((p) => `States.ArrayUnique(${p})`),
  path.map((p) => `States.StringSplit(${p}, '*0')`),
  path.map((p) => `States.Base64Encode(${p})`),
  path.map((p) => `States.Hash(${p}, 'SHA-256')`),
  fc.integer({ min: 0, max: 5 }).map((n) => `States.ArrayRange(0, ${n}, 2)`),
);

const template: fc.Arbitrary<Json> = fc
  .dictionary(
    fc.constantFrom(...NAMES),
    fc.oneof(
      { weight: 4, arbitrary: path.map((text) => ({ dynamic: text })) },
      { weight: 3, arbitrary: intrinsic.map((text) => ({ dynamic: text })) },
      { weight: 2, arbitrary: json.map((value) => ({ value })) },
    ),
    { maxKeys: 3 },
  )
  .map((members) =>
    Object.fromEntries(
      Object.entries(members).map(([name, member]): [string, Json] =>
        "dynamic" in member ? [`${name}.$`, member.dynamic as string] : [name, member.value as Json],
      ),
    ),
  );

function optional<T extends Json>(name: string, value: fc.Arbitrary<T>, often = 0.5): fc.Arbitrary<JsonObject> {
  return fc
    .double({ min: 0, max: 1, noNaN: true })
    .chain((chance) => (chance < often ? value.map((given): JsonObject => ({ [name]: given })) : fc.constant({})));
}

const around = fc
  .tuple(
    optional("InputPath", fc.oneof(path, fc.constant(null)), 0.3),
    optional("ResultPath", resultPath, 0.5),
    optional("OutputPath", path, 0.2),
  )
  .map((parts): JsonObject => Object.assign({}, ...parts) as JsonObject);

const comparison: fc.Arbitrary<JsonObject> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("StringEquals", "StringLessThan", "StringGreaterThanEquals", "StringMatches"),
      path,
      fc.constantFrom("x", "10", "a\\*b", "*", "é*"),
    )
    .map(([op, Variable, value]): JsonObject => ({ Variable, [op]: value })),
  fc
    .tuple(
      fc.constantFrom("NumericEquals", "NumericLessThan", "NumericGreaterThanEquals"),
      path,
      fc.integer({ min: -3, max: 3 }),
    )
    .map(([op, Variable, value]): JsonObject => ({ Variable, [op]: value })),
  fc
    .tuple(
      fc.constantFrom("NumericEqualsPath", "NumericLessThanPath", "StringEqualsPath", "BooleanEqualsPath"),
      path,
      path,
    )
    .map(([op, Variable, value]): JsonObject => ({ Variable, [op]: value })),
  fc
    .tuple(
      fc.constantFrom("IsPresent", "IsNull", "IsString", "IsNumeric", "IsBoolean", "BooleanEquals"),
      path,
      fc.boolean(),
    )
    .map(([op, Variable, value]): JsonObject => ({ Variable, [op]: value })),
);
const condition: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 4, arbitrary: comparison },
  { weight: 1, arbitrary: comparison.map((Not): JsonObject => ({ Not })) },
  { weight: 1, arbitrary: fc.tuple(comparison, comparison).map((And): JsonObject => ({ And })) },
  { weight: 1, arbitrary: fc.tuple(comparison, comparison).map((Or): JsonObject => ({ Or })) },
);

const pass: fc.Arbitrary<JsonObject> = fc
  .tuple(
    around,
    fc.oneof(
      template.map((Parameters): JsonObject => ({ Parameters })),
      json.map((Result): JsonObject => ({ Result })),
      fc.constant<JsonObject>({}),
    ),
    optional("Assign", fc.dictionary(fc.constantFrom("v.$", "w.$"), path, { maxKeys: 2 }) as fc.Arbitrary<Json>, 0.2),
  )
  .map((parts) => Object.assign({ Type: "Pass" }, ...parts) as JsonObject);

const only = (state: JsonObject): JsonObject => ({ StartAt: "S", States: { S: { ...state, End: true } } });

const map: fc.Arbitrary<JsonObject> = fc
  .tuple(
    around,
    optional("ItemsPath", fc.oneof(fc.constantFrom("$['in']", "$.a", "$"), path), 0.9),
    optional(
      "ItemSelector",
      template.map((fields) => ({ ...(fields as JsonObject), "v.$": "$$.Map.Item.Value" })),
      0.5,
    ),
    optional("ResultSelector", template, 0.2),
    pass,
  )
  .map(([...parts]) => {
    const inner = parts.pop() as JsonObject;
    return Object.assign({ Type: "Map", ItemProcessor: only(inner) }, ...parts) as JsonObject;
  });

const parallel: fc.Arbitrary<JsonObject> = fc
  .tuple(
    around,
    optional("Parameters", template, 0.4),
    optional("ResultSelector", template, 0.2),
    fc.array(pass, { minLength: 1, maxLength: 2 }),
  )
  .map(([...parts]) => {
    const branches = parts.pop() as JsonObject[];
    return Object.assign({ Type: "Parallel", Branches: branches.map(only) }, ...parts) as JsonObject;
  });

const choice: fc.Arbitrary<JsonObject> = fc
  .tuple(
    fc.array(condition, { minLength: 1, maxLength: 2 }),
    optional("InputPath", fc.constantFrom("$.a", "$['in'][0]"), 0.2),
  )
  .map(
    ([rules, more]): JsonObject => ({
      Type: "Choice",
      ...more,
      Choices: rules.map((rule, index) => ({ ...rule, Next: `R${index}` })),
      Default: "R9",
    }),
  );

const definition: fc.Arbitrary<JsonObject> = fc
  .oneof(
    choice.map((last): [JsonObject[], JsonObject] => [[], last]),
    fc.tuple(fc.array(fc.oneof(pass, pass, map, parallel), { maxLength: 2 }), fc.oneof(pass, map, parallel)),
  )
  .map(([states, last]) => {
    const all = [...states, last];
    const isChoice = last["Type"] === "Choice";
    const named = all.map((state, index): [string, Json] => {
      const isLast = index === all.length - 1;
      return [`S${index}`, isLast ? (isChoice ? state : { ...state, End: true }) : { ...state, Next: `S${index + 1}` }];
    });
    const ends = ["R0", "R1", "R9"].map((name): [string, Json] => [
      name,
      { Type: "Pass", Parameters: { took: name, "all.$": "$" }, End: true },
    ]);
    const used = ends.filter(([name]) => JSON.stringify(named).includes(`"${name}"`));
    return { StartAt: "S0", States: Object.fromEntries([...named, ...(isChoice ? used : [])]) };
  });

function run(of: JsonObject, given: Json) {
  const { ended } = new Drive(of, given).run(2_000);
  return (
    ended && {
      status: ended.status,
      output: ended.output === undefined ? null : JSON.parse(ended.output),
      error: ended.error,
    }
  );
}

/** J3: what the converted definition writes in another way. */
function isTold(of: JsonObject): boolean {
  return /States\.Format\(/.test(JSON.stringify(of));
}

describe("random definitions", () => {
  test("give what they gave, when every path finds something", () => {
    let compared = 0;
    fc.assert(
      fc.property(definition, input, (of, given) => {
        const conversion = toJsonata(of);
        fc.pre(conversion.ok);
        let before: ReturnType<typeof run>;
        try {
          before = run(of, given);
        } catch {
          fc.pre(false);
        }
        fc.pre(before?.status === "SUCCEEDED" && !isTold(of));
        compared += 1;
        expect(run(conversion.definition, given)).toEqual(before);
      }),
      { numRuns: 200, maxSkipsPerRun: 200 },
    );
    expect(compared).toBeGreaterThan(0);
  });
});
