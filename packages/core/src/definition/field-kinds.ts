/** Kinds of plain field values, compiled to themselves. */
import { isJsonArray, type Json } from "../json.ts";
import type { Field, FieldSite } from "./field.ts";
import type { QueryLanguage } from "./state-machine.ts";

export function required<T>(field: Field<T>): Field<T> {
  return { ...field, required: true };
}

/** The field exists in one query language only. */
export function only<T>(language: QueryLanguage, field: Field<T>): Field<T> {
  return { ...field, language };
}

export function mistyped(type: string, site: FieldSite): undefined {
  site.context.findings.schemaError(`Expected value of type ${type}`, site.path);
  return undefined;
}

export function text(): Field<string> {
  return { compile: (value, site) => (typeof value === "string" ? value : mistyped("String", site)) };
}

export function flag(): Field<boolean> {
  return { compile: (value, site) => (typeof value === "boolean" ? value : mistyped("Boolean", site)) };
}

/** Any JSON, kept as it is. */
export function anything(): Field<Json> {
  return { compile: (value) => value };
}

export function oneOf<const V extends string>(values: readonly V[]): Field<V> {
  return {
    compile(value, site) {
      const found = values.find((candidate) => candidate === value);
      if (found === undefined) {
        site.context.findings.schemaError(
          `The field '${site.name}' should have one of these values: [${values.join(", ")}]`,
          site.path,
        );
      }
      return found;
    },
  };
}

export interface NumberRange {
  readonly min?: number;
  readonly max?: number;
  /** Where flows allow less than `min`. */
  readonly flowMin?: number;
}

/** A number of the definition itself; see expression-fields.ts for numbers that may be computed. */
export function integer(range: NumberRange): Field<number> {
  return { compile: (value, site) => checkedNumber(value, site, "Integer", range) };
}

export function number(range: NumberRange): Field<number> {
  return { compile: (value, site) => checkedNumber(value, site, "Number", range) };
}

export function checkedNumber(
  value: Json,
  site: FieldSite,
  type: "Integer" | "Number",
  range: NumberRange,
): number | undefined {
  if (typeof value !== "number" || (type === "Integer" && !Number.isInteger(value))) return mistyped(type, site);
  const min = (site.context.flow === undefined ? undefined : range.flowMin) ?? range.min;
  if (min !== undefined && value < min) {
    return outside(`Minimum value is ${spell(min, type)}`, site);
  }
  if (range.max !== undefined && value > range.max) {
    return outside(`Maximum value is ${spell(range.max, type)}`, site);
  }
  return value;
}

function outside(message: string, site: FieldSite): undefined {
  site.context.findings.schemaError(message, site.path);
  return undefined;
}

/** AWS prints the bounds of non-integers the Java way, with a point: `Maximum value is 100.0`. */
function spell(bound: number, type: "Integer" | "Number"): string {
  return type === "Number" && Number.isInteger(bound) ? `${bound}.0` : `${bound}`;
}

export function listOf<T>(element: Field<T>, options: { readonly notEmpty?: boolean } = {}): Field<readonly T[]> {
  return {
    compile(value, site) {
      if (!isJsonArray(value)) return mistyped("Array", site);
      if (value.length === 0 && options.notEmpty === true) {
        site.context.findings.schemaError("Value cannot be empty", site.path);
        return undefined;
      }
      const elements: T[] = [];
      value.forEach((item, index) => {
        const compiled = element.compile(item, { ...site, path: [...site.path, index] });
        if (compiled !== undefined) elements.push(compiled);
      });
      return elements;
    },
  };
}
