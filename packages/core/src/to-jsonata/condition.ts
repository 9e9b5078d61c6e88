// The rules of a JSONPath Choice as JSONata conditions.
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { literalExpression, pathExpression, type Root } from "./expression-text.ts";
import { NoEqual } from "./refusal.ts";

const COMPARISONS: { readonly [name: string]: string } = {
  Equals: "=",
  LessThan: "<",
  GreaterThan: ">",
  LessThanEquals: "<=",
  GreaterThanEquals: ">=",
};

const TYPES: { readonly [name: string]: string } = { String: "string", Numeric: "number", Boolean: "boolean" };

const OPERATOR = /^(String|Numeric|Boolean)(Equals|LessThan|GreaterThan|LessThanEquals|GreaterThanEquals)(Path)?$/;

/** The members of a rule that are no condition. */
const BESIDE: ReadonlySet<string> = new Set(["Next", "Comment", "Assign", "Output"]);

/** `Not`, `And`, `Or` and a comparison with its `Variable`. Throws NoEqual. */
export function conditionExpression(rule: JsonObject, root: Root): string {
  const { And: and, Or: or, Not: not } = rule;
  if (and !== undefined) return joined(and, "and", root);
  if (or !== undefined) return joined(or, "or", root);
  if (isJsonObject(not)) return `$not(${conditionExpression(not, root)})`;
  const variable = rule["Variable"];
  const operator = Object.keys(rule).find((key) => key !== "Variable" && !BESIDE.has(key));
  if (typeof variable !== "string" || operator === undefined) throw new NoEqual("a rule without Variable and operator");
  return comparison(pathExpression(variable, root), operator, rule[operator] as Json, root);
}

function joined(rules: Json, word: string, root: Root): string {
  if (!Array.isArray(rules)) throw new NoEqual(`"${word}" of what is no list`);
  return `(${rules.map((rule) => conditionExpression(rule as JsonObject, root)).join(` ${word} `)})`;
}

function comparison(value: string, operator: string, operand: Json, root: Root): string {
  const typed = OPERATOR.exec(operator);
  if (typed !== null) {
    const [, type = "", order = "", path] = typed;
    const right = path === undefined ? literalExpression(operand) : pathExpression(String(operand), root);
    const types = path === undefined ? [value] : [value, right];
    // Equal values have the same type; an order asks for it, and a value of another type is just not in it.
    const isTyped = order === "Equals" && path === undefined;
    const ask = isTyped ? [] : types.map((each) => `$type(${each}) = "${TYPES[type]}"`);
    const asked = [...ask, `${value} ${COMPARISONS[order]} ${right}`];
    return asked.length === 1 ? (asked[0] as string) : `(${asked.join(" and ")})`;
  }
  switch (operator) {
    case "IsPresent":
      return asked(operand, `$exists(${value})`);
    case "IsNull":
      return asked(operand, `${value} = null`);
    case "IsString":
    case "IsNumeric":
    case "IsBoolean":
      return asked(operand, `$type(${value}) = "${TYPES[operator.slice(2)]}"`);
    case "StringMatches":
      return `($type(${value}) = "string" and $contains(${value}, ${pattern(String(operand))}))`;
    default:
      throw new NoEqual(`${operator} has no equal`);
  }
}

function asked(wanted: Json, expression: string): string {
  if (typeof wanted !== "boolean") throw new NoEqual("an operator Is… with something else than true or false");
  return wanted ? expression : `$not(${expression})`;
}

/** `*` stands for any text, `\*` and `\\` for themselves. */
function pattern(text: string): string {
  let expression = "";
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    const next = text[at + 1];
    if (character === "\\" && (next === "*" || next === "\\")) {
      expression += `\\${next}`;
      at++;
    } else if (character === "*") expression += "[\\s\\S]*";
    else expression += character.replace(/[\\^$.|?*+()[\]{}/]/g, "\\$&");
  }
  return `/^${expression}$/`;
}
