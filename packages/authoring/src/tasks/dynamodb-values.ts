import { JsonPath } from "../fields/json-path.ts";
import { isJsonataExpression } from "../fields/jsonata.ts";
import { isReference, pathOf } from "../fields/reference.ts";
import { Misuse } from "../misuse.ts";

export const DynamoConsumedCapacity = { INDEXES: "INDEXES", TOTAL: "TOTAL", NONE: "NONE" } as const;
export type DynamoConsumedCapacity = (typeof DynamoConsumedCapacity)[keyof typeof DynamoConsumedCapacity];

export const DynamoItemCollectionMetrics = { SIZE: "SIZE", NONE: "NONE" } as const;
export type DynamoItemCollectionMetrics =
  (typeof DynamoItemCollectionMetrics)[keyof typeof DynamoItemCollectionMetrics];

export const DynamoReturnValues = {
  NONE: "NONE",
  ALL_OLD: "ALL_OLD",
  UPDATED_OLD: "UPDATED_OLD",
  ALL_NEW: "ALL_NEW",
  UPDATED_NEW: "UPDATED_NEW",
} as const;
export type DynamoReturnValues = (typeof DynamoReturnValues)[keyof typeof DynamoReturnValues];

/** Which attributes a read gives: `Messages[1].Tags`. */
export class DynamoProjectionExpression {
  readonly #parts: string[] = [];

  withAttribute(attribute: string): this {
    this.#parts.push(this.#parts.length === 0 ? attribute : `.${attribute}`);
    return this;
  }
  /** index: from 0, into the list named before. */
  atIndex(index: number): this {
    if (this.#parts.length === 0) {
      throw new Misuse("DynamoProjectionExpression", "Expression must start with an attribute");
    }
    this.#parts.push(`[${index}]`);
    return this;
  }
  toString(): string {
    return this.#parts.join("");
  }
}

export type DynamoAttributes = { readonly [name: string]: DynamoAttributeValue };

/** A value as DynamoDB wants it, with its type. */
export class DynamoAttributeValue {
  static fromString(value: string): DynamoAttributeValue {
    return new DynamoAttributeValue({ S: value });
  }
  static fromNumber(value: number): DynamoAttributeValue {
    return new DynamoAttributeValue({ N: numberText(value) });
  }
  static numberFromString(value: string): DynamoAttributeValue {
    return new DynamoAttributeValue({ N: value });
  }
  /** value: base64. */
  static fromBinary(value: string): DynamoAttributeValue {
    return new DynamoAttributeValue({ B: value });
  }
  static fromStringSet(value: readonly string[]): DynamoAttributeValue {
    return new DynamoAttributeValue({ SS: value });
  }
  static fromNumberSet(value: readonly number[]): DynamoAttributeValue {
    return new DynamoAttributeValue({ NS: value.map(numberText) });
  }
  static numberSetFromStrings(value: readonly string[]): DynamoAttributeValue {
    return new DynamoAttributeValue({ NS: value });
  }
  static fromBinarySet(value: readonly string[]): DynamoAttributeValue {
    return new DynamoAttributeValue({ BS: value });
  }
  static fromMap(value: DynamoAttributes): DynamoAttributeValue {
    return new DynamoAttributeValue({ M: attributeMap(value) });
  }
  static mapFromJsonata(value: string): DynamoAttributeValue {
    return new DynamoAttributeValue({ M: expression(value) });
  }
  static mapFromJsonPath(value: string): DynamoAttributeValue {
    return new DynamoAttributeValue({ M: reference(value) });
  }
  static fromList(value: readonly DynamoAttributeValue[]): DynamoAttributeValue {
    return new DynamoAttributeValue({ L: value.map((member) => member.toObject()) });
  }
  static listFromJsonata(value: string): DynamoAttributeValue {
    return new DynamoAttributeValue({ L: expression(value) });
  }
  static listFromJsonPath(value: string): DynamoAttributeValue {
    return new DynamoAttributeValue({ L: reference(value) });
  }
  static fromNull(value: boolean): DynamoAttributeValue {
    return new DynamoAttributeValue({ NULL: value });
  }
  static fromBoolean(value: boolean): DynamoAttributeValue {
    return new DynamoAttributeValue({ BOOL: value });
  }
  static booleanFromJsonata(value: string): DynamoAttributeValue {
    return new DynamoAttributeValue({ BOOL: expression(value) });
  }
  static booleanFromJsonPath(value: string): DynamoAttributeValue {
    return new DynamoAttributeValue({ BOOL: reference(value) });
  }

  readonly attributeValue: { readonly [type: string]: unknown };

  private constructor(value: { readonly [type: string]: unknown }) {
    this.attributeValue = value;
  }

  toObject(): { readonly [type: string]: unknown } {
    return this.attributeValue;
  }
}

/** Named attributes as a definition has them; undefined stays undefined. */
export function attributeMap(attributes: DynamoAttributes | undefined): { [name: string]: unknown } | undefined {
  if (attributes === undefined) return undefined;
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, value.toObject()]));
}

function numberText(value: number): unknown {
  return isReference(value) ? value : value.toString();
}

function reference(path: string): string {
  const given = pathOf(path) ?? path;
  if (given === "$" || given.startsWith("$.")) return JsonPath.stringAt(given);
  throw new Misuse(
    "DynamoAttributeValue",
    `Data JSON path values must either be exactly equal to '$' or start with '$.', got '${given}'`,
  );
}

function expression(text: string): string {
  if (isJsonataExpression(text)) return text;
  throw new Misuse("DynamoAttributeValue", `JSONata expression must start with '{%' and end with '%}', got '${text}'`);
}
