/** The built-in functions of the new language (cloudflow.md 6.4). */

export interface BuiltInFunction {
  /** The least and the greatest number of arguments. */
  readonly values: readonly [number, number];
  /** Its name among data/flow-functions.ts. */
  readonly exact: string;
  /** JSONata as AWS has it. */
  readonly plain: (values: readonly string[]) => string;
}

const MANY = Number.POSITIVE_INFINITY;

/** JSONata's own function of the same meaning. */
function named(name: string): (values: readonly string[]) => string {
  return (values) => `$${name}(${values.join(", ")})`;
}

export const BUILT_IN_FUNCTIONS: { readonly [name: string]: BuiltInFunction } = {
  format: { values: [1, MANY], exact: "fnfFormat", plain: plainFormat },
  length: {
    values: [1, 1],
    exact: "fnfLength",
    plain: ([x = ""]) =>
      `($type(${x}) = "string" ? $length(${x}) : $type(${x}) = "object" ? $count($keys(${x})) : $count(${x}))`,
  },
  split: { values: [2, 2], exact: "fnfSplit", plain: named("split") },
  regexMatchString: {
    values: [2, 2],
    exact: "fnfRegexMatch",
    plain: ([pattern = "", s = ""]) => plainRegex(pattern, s),
  },
  arrayContains: { values: [2, 2], exact: "fnfArrayContains", plain: ([a, x]) => `(${x} in ${a})` },
  arrayUnique: { values: [1, 1], exact: "fnfArrayUnique", plain: ([a]) => `[$distinct(${a})]` },
  toArray: { values: [0, MANY], exact: "fnfList", plain: (values) => `[${values.join(", ")}]` },
  mapKeys: { values: [1, 1], exact: "fnfMapKeys", plain: ([m]) => `[$keys(${m})]` },
  mapValues: { values: [1, 1], exact: "fnfMapValues", plain: ([m]) => `[$each(${m}, function($v) { $v })]` },
  jsonMerge: { values: [2, 2], exact: "fnfJsonMerge", plain: ([a, b]) => `$merge([${a}, ${b}])` },
  stringToJson: { values: [1, 1], exact: "fnfStringToJson", plain: named("parse") },
  fromJSON: { values: [1, 1], exact: "fnfStringToJson", plain: named("parse") },
  jsonToString: { values: [1, 1], exact: "fnfJsonToString", plain: named("string") },
  toJSON: { values: [1, 1], exact: "fnfJsonToString", plain: named("string") },
  fromBase64: { values: [1, 1], exact: "fnfFromBase64", plain: named("base64decode") },
  toBase64: { values: [1, 1], exact: "fnfToBase64", plain: named("base64encode") },
  hash: { values: [2, 2], exact: "fnfHash", plain: named("hash") },
  uuid: { values: [0, 0], exact: "fnfUuid", plain: named("uuid") },
  get: {
    values: [2, 2],
    exact: "fnfGet",
    plain: ([x, i]) => `($type(${i}) = "number" ? ${x}[${i}] : $lookup(${x}, ${i}))`,
  },
  intAdd: { values: [2, 2], exact: "fnfIntAdd", plain: ([a, b]) => `(${a} + ${b})` },
  randomInt: {
    values: [2, 2],
    exact: "fnfRandomInt",
    plain: ([low, high]) => `(${low} + $floor($random() * (${high} - ${low})))`,
  },
};

/** The template's pieces and the arguments, joined. */
function plainFormat([template = '""', ...values]: readonly string[]): string {
  if (!template.startsWith('"')) return `$replace(${template}, "{}", $string(${values[0] ?? '""'}), 1)`;
  const pieces = (JSON.parse(template) as string).split("{}");
  const parts = pieces.flatMap((piece, at) => [
    ...(piece === "" ? [] : [JSON.stringify(piece)]),
    ...(at < pieces.length - 1 ? [values[at] === undefined ? '"{}"' : `$string(${values[at]})`] : []),
  ]);
  return parts.length === 0 ? '""' : `(${parts.join(" & ")})`;
}

function plainRegex(pattern: string, text: string): string {
  if (!pattern.startsWith('"')) return `$contains(${text}, ${pattern})`;
  const source = JSON.parse(pattern) as string;
  return `$contains(${text}, /${source.replaceAll("/", "\\/")}/)`;
}
