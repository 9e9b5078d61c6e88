import { CHOICE_OPERATORS, compileChoiceCondition } from "../data/choice-condition.ts";
import type { JsonObject } from "../json.ts";
import { compileExpression, compileJsonata, isJsonataText } from "./compile-expression.ts";
import { assignments, literal, template } from "./expression-fields.ts";
import { type Field, type FieldSite, type FieldTable, readObject } from "./field.ts";
import { anything, mistyped, only, required, text } from "./field-kinds.ts";
import type { ChoiceRule, Expression } from "./state-machine.ts";
import { transition } from "./transition-field.ts";

const RULE_FIELDS = {
  Next: required(transition()),
  Comment: text(),
  Assign: assignments(),
  Condition: required(only("JSONata", condition())),
  Output: only("JSONata", template()),
} satisfies FieldTable;

/** What a JSONPath rule tests with; their values are checked when the whole test is compiled. */
const TEST_FIELDS: FieldTable = Object.fromEntries(
  ["Variable", ...CHOICE_OPERATORS].map((name) => [name, only("JSONPath", anything())]),
);

/** One element of `Choices`. ASL spec, "Choice State". */
export function choiceRule(): Field<ChoiceRule> {
  return {
    compile(value, site) {
      const fields = readObject({ ...TEST_FIELDS, ...RULE_FIELDS }, [], value, site);
      if (fields === undefined) return undefined;
      const { Next, Assign, Output } = fields;
      const holds = site.state.language === "JSONata" ? fields.Condition : test(value as JsonObject, site);
      if (holds === undefined || Next === undefined) return undefined;
      return {
        condition: holds,
        next: Next,
        ...(Assign !== undefined && { assign: Assign }),
        ...(Output !== undefined && { output: Output }),
      };
    },
  };
}

/** A JSONPath rule without the fields that are no part of its test. */
function test(rule: JsonObject, site: FieldSite): Expression<boolean> | undefined {
  const members = Object.entries(rule).filter(([name]) => Object.hasOwn(TEST_FIELDS, name));
  return compileExpression(site, () => compileChoiceCondition(Object.fromEntries(members)));
}

/** A JSONata condition; AWS takes plain booleans too (recorded). */
function condition(): Field<Expression<boolean>> {
  return {
    compile(value, site) {
      if (typeof value === "boolean") return literal(value);
      if (!isJsonataText(value)) return mistyped("Boolean", site);
      return compileJsonata(value, site, "boolean") as Expression<boolean> | undefined;
    },
  };
}
