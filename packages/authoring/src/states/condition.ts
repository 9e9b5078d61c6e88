import type { Fields } from "../fields/field-utils.ts";
import { isJsonataExpression } from "../fields/jsonata.ts";
import { pathOf } from "../fields/reference.ts";
import { Misuse } from "../misuse.ts";

/** When a rule of a Choice holds. Each method is one comparison of the language; values on the left are paths. */
export abstract class Condition {
  static isPresent(variable: string): Condition {
    return new Comparison(variable, "IsPresent", true);
  }
  static isNotPresent(variable: string): Condition {
    return new Comparison(variable, "IsPresent", false);
  }
  static isString(variable: string): Condition {
    return new Comparison(variable, "IsString", true);
  }
  static isNotString(variable: string): Condition {
    return new Comparison(variable, "IsString", false);
  }
  static isNumeric(variable: string): Condition {
    return new Comparison(variable, "IsNumeric", true);
  }
  static isNotNumeric(variable: string): Condition {
    return new Comparison(variable, "IsNumeric", false);
  }
  static isBoolean(variable: string): Condition {
    return new Comparison(variable, "IsBoolean", true);
  }
  static isNotBoolean(variable: string): Condition {
    return new Comparison(variable, "IsBoolean", false);
  }
  static isTimestamp(variable: string): Condition {
    return new Comparison(variable, "IsTimestamp", true);
  }
  static isNotTimestamp(variable: string): Condition {
    return new Comparison(variable, "IsTimestamp", false);
  }
  static isNull(variable: string): Condition {
    return new Comparison(variable, "IsNull", true);
  }
  static isNotNull(variable: string): Condition {
    return new Comparison(variable, "IsNull", false);
  }
  static booleanEquals(variable: string, value: boolean): Condition {
    return new Comparison(variable, "BooleanEquals", value);
  }
  static booleanEqualsJsonPath(variable: string, value: string): Condition {
    return new Comparison(variable, "BooleanEqualsPath", checkedPath(value));
  }
  static stringEquals(variable: string, value: string): Condition {
    return new Comparison(variable, "StringEquals", value);
  }
  static stringEqualsJsonPath(variable: string, value: string): Condition {
    return new Comparison(variable, "StringEqualsPath", checkedPath(value));
  }
  static stringLessThan(variable: string, value: string): Condition {
    return new Comparison(variable, "StringLessThan", value);
  }
  static stringLessThanJsonPath(variable: string, value: string): Condition {
    return new Comparison(variable, "StringLessThanPath", checkedPath(value));
  }
  static stringLessThanEquals(variable: string, value: string): Condition {
    return new Comparison(variable, "StringLessThanEquals", value);
  }
  static stringLessThanEqualsJsonPath(variable: string, value: string): Condition {
    return new Comparison(variable, "StringLessThanEqualsPath", checkedPath(value));
  }
  static stringGreaterThan(variable: string, value: string): Condition {
    return new Comparison(variable, "StringGreaterThan", value);
  }
  static stringGreaterThanJsonPath(variable: string, value: string): Condition {
    return new Comparison(variable, "StringGreaterThanPath", checkedPath(value));
  }
  static stringGreaterThanEquals(variable: string, value: string): Condition {
    return new Comparison(variable, "StringGreaterThanEquals", value);
  }
  static stringGreaterThanEqualsJsonPath(variable: string, value: string): Condition {
    return new Comparison(variable, "StringGreaterThanEqualsPath", checkedPath(value));
  }
  static numberEquals(variable: string, value: number): Condition {
    return new Comparison(variable, "NumericEquals", value);
  }
  static numberEqualsJsonPath(variable: string, value: string): Condition {
    return new Comparison(variable, "NumericEqualsPath", checkedPath(value));
  }
  static numberLessThan(variable: string, value: number): Condition {
    return new Comparison(variable, "NumericLessThan", value);
  }
  static numberLessThanJsonPath(variable: string, value: string): Condition {
    return new Comparison(variable, "NumericLessThanPath", checkedPath(value));
  }
  static numberLessThanEquals(variable: string, value: number): Condition {
    return new Comparison(variable, "NumericLessThanEquals", value);
  }
  static numberLessThanEqualsJsonPath(variable: string, value: string): Condition {
    return new Comparison(variable, "NumericLessThanEqualsPath", checkedPath(value));
  }
  static numberGreaterThan(variable: string, value: number): Condition {
    return new Comparison(variable, "NumericGreaterThan", value);
  }
  static numberGreaterThanJsonPath(variable: string, value: string): Condition {
    return new Comparison(variable, "NumericGreaterThanPath", checkedPath(value));
  }
  static numberGreaterThanEquals(variable: string, value: number): Condition {
    return new Comparison(variable, "NumericGreaterThanEquals", value);
  }
  static numberGreaterThanEqualsJsonPath(variable: string, value: string): Condition {
    return new Comparison(variable, "NumericGreaterThanEqualsPath", checkedPath(value));
  }
  static timestampEquals(variable: string, value: string): Condition {
    return new Comparison(variable, "TimestampEquals", value);
  }
  static timestampEqualsJsonPath(variable: string, value: string): Condition {
    return new Comparison(variable, "TimestampEqualsPath", checkedPath(value));
  }
  static timestampLessThan(variable: string, value: string): Condition {
    return new Comparison(variable, "TimestampLessThan", value);
  }
  static timestampLessThanJsonPath(variable: string, value: string): Condition {
    return new Comparison(variable, "TimestampLessThanPath", checkedPath(value));
  }
  static timestampLessThanEquals(variable: string, value: string): Condition {
    return new Comparison(variable, "TimestampLessThanEquals", value);
  }
  static timestampLessThanEqualsJsonPath(variable: string, value: string): Condition {
    return new Comparison(variable, "TimestampLessThanEqualsPath", checkedPath(value));
  }
  static timestampGreaterThan(variable: string, value: string): Condition {
    return new Comparison(variable, "TimestampGreaterThan", value);
  }
  static timestampGreaterThanJsonPath(variable: string, value: string): Condition {
    return new Comparison(variable, "TimestampGreaterThanPath", checkedPath(value));
  }
  static timestampGreaterThanEquals(variable: string, value: string): Condition {
    return new Comparison(variable, "TimestampGreaterThanEquals", value);
  }
  static timestampGreaterThanEqualsJsonPath(variable: string, value: string): Condition {
    return new Comparison(variable, "TimestampGreaterThanEqualsPath", checkedPath(value));
  }
  /** value: text in which `*` stands for any text; `\\*` is a star. */
  static stringMatches(variable: string, value: string): Condition {
    return new Comparison(variable, "StringMatches", value);
  }
  static and(...conditions: readonly Condition[]): Condition {
    return new Combination("And", conditions);
  }
  static or(...conditions: readonly Condition[]): Condition {
    return new Combination("Or", conditions);
  }
  static not(condition: Condition): Condition {
    return new Negation(condition);
  }
  /** condition: a JSONata expression, `{% … %}`. */
  static jsonata(condition: string): Condition {
    return new JsonataCondition(condition);
  }

  abstract renderCondition(): Fields;
}

class Comparison extends Condition {
  readonly #fields: Fields;

  constructor(variable: string, operator: string, value: unknown) {
    super();
    this.#fields = { Variable: checkedPath(variable), [operator]: value };
  }

  renderCondition(): Fields {
    return this.#fields;
  }
}

class Combination extends Condition {
  readonly #operator: "And" | "Or";
  readonly #conditions: readonly Condition[];

  constructor(operator: "And" | "Or", conditions: readonly Condition[]) {
    super();
    if (conditions.length === 0) {
      throw new Misuse("Condition", "Must supply at least one inner condition for a logical combination");
    }
    this.#operator = operator;
    this.#conditions = conditions;
  }

  renderCondition(): Fields {
    return { [this.#operator]: this.#conditions.map((condition) => condition.renderCondition()) };
  }
}

class Negation extends Condition {
  readonly #condition: Condition;

  constructor(condition: Condition) {
    super();
    this.#condition = condition;
  }

  renderCondition(): Fields {
    return { Not: this.#condition.renderCondition() };
  }
}

class JsonataCondition extends Condition {
  readonly #condition: string;

  constructor(condition: string) {
    super();
    if (!isJsonataExpression(condition)) {
      throw new Misuse("Condition", `JSONata expression must start with '{%' and end with '%}', got '${condition}'`);
    }
    this.#condition = condition;
  }

  renderCondition(): Fields {
    return { Condition: this.#condition };
  }
}

function checkedPath(given: string): string {
  const path = pathOf(given) ?? given;
  if (path.startsWith("$")) return path;
  throw new Misuse("Condition", `Variable reference must be '$', start with '$.', or start with '$[', got '${path}'`);
}
