/** A Choice's rule in as few words as an edge has room for: `$.total > 1000`. The panel tells it whole. */

type Members = Readonly<Record<string, unknown>>;

const asObject = (value: unknown): Members | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Members) : undefined;

/** By the end of the operator's name, `Path` left out. The longer ends come first. */
const SIGNS: readonly (readonly [end: string, sign: string])[] = [
  ["GreaterThanEquals", "≥"],
  ["LessThanEquals", "≤"],
  ["GreaterThan", ">"],
  ["LessThan", "<"],
  ["Equals", "="],
  ["Matches", "like"],
];

const IS: Readonly<Record<string, string>> = {
  IsPresent: "there",
  IsNull: "null",
  IsNumeric: "a number",
  IsString: "a text",
  IsBoolean: "a boolean",
  IsTimestamp: "a time",
};

/** Undefined for what is no rule. Bounded by the rule's own size. */
export function ruleWords(rule: unknown): string | undefined {
  const source = asObject(rule);
  if (source === undefined) return undefined;
  const { Condition: condition, Not: not, Variable: variable } = source;
  if (typeof condition === "string") return condition.replace(/^\{%\s*|\s*%\}$/g, "");
  if (not !== undefined) return negated(ruleWords(not));
  for (const [member, word] of [
    ["And", "and"],
    ["Or", "or"],
  ] as const) {
    const parts = source[member];
    if (Array.isArray(parts)) return joined(parts, word);
  }
  return typeof variable === "string" ? comparison(variable, source) : undefined;
}

const negated = (words: string | undefined): string | undefined => (words === undefined ? undefined : `not ${words}`);

function joined(parts: readonly unknown[], word: string): string | undefined {
  const [first] = parts;
  const words = ruleWords(first);
  if (words === undefined || parts.length < 2) return words;
  return `${words} ${word} ${parts.length === 2 ? (ruleWords(parts[1]) ?? "…") : `${parts.length - 1} more`}`;
}

function comparison(variable: string, source: Members): string | undefined {
  for (const [name, value] of Object.entries(source)) {
    const kind = IS[name];
    if (kind !== undefined) return `${variable} ${value === false ? "is not" : "is"} ${kind}`;
    if (name === "BooleanEquals" && typeof value === "boolean") return value ? variable : `not ${variable}`;
    const isPath = name.endsWith("Path");
    const operator = isPath ? name.slice(0, -"Path".length) : name;
    const sign = SIGNS.find(([end]) => operator.endsWith(end) && operator !== end)?.[1];
    if (sign !== undefined) return `${variable} ${sign} ${isPath ? String(value) : JSON.stringify(value)}`;
  }
  return undefined;
}
