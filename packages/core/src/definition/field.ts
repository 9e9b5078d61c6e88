/**
 * The declarative half of reading a definition: an object's fields as a table. A table says for each field which query
 * language it belongs to, whether it must be there, and how its value is compiled; groups say which fields exclude each
 * other. Unknown fields, wrong languages, missing fields and clashes are found here, once, for every kind of object.
 *
 * F1. Members are read as own properties only, so `__proto__` and `constructor` are names like any other.
 * F2. A finding never stops the reading of the rest: all findings of a definition come at once.
 */
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import type { DefinitionPath } from "./findings.ts";
import type { ParseContext, StateSite } from "./parse-context.ts";
import type { QueryLanguage } from "./state-machine.ts";

/** One field's value and where it stands. */
export interface FieldSite {
  readonly context: ParseContext;
  readonly state: StateSite;
  readonly name: string;
  readonly path: DefinitionPath;
  /** The object that has the field. */
  readonly holder: JsonObject;
}

export interface Field<T> {
  /** Absent: both languages. */
  readonly language?: QueryLanguage;
  readonly required?: boolean;
  /** The compiled value, or `undefined` after reporting what is wrong with it. */
  compile(value: Json, site: FieldSite): T | undefined;
}

export type FieldTable = { readonly [name: string]: Field<unknown> };

/** The table for values of these types. */
export type Fields<V> = { readonly [N in keyof V]: Field<V[N]> };

/** What a table gives: the compiled values of the fields that are there and right. */
export type FieldValues<T extends FieldTable> = { readonly [N in keyof T]?: T[N] extends Field<infer V> ? V : never };

/** Fields that exclude each other; `required`: one of those of the state's query language must be there. */
export interface FieldGroup {
  readonly fields: readonly string[];
  readonly required?: boolean;
}

/** Where an object stands whose fields are to be read. */
export interface ObjectSite {
  readonly context: ParseContext;
  readonly state: StateSite;
  readonly path: DefinitionPath;
}

export function readFields<T extends FieldTable>(
  table: T,
  groups: readonly FieldGroup[],
  object: JsonObject,
  site: ObjectSite,
): FieldValues<T> {
  checkNames(table, object, site);
  checkRequired(table, object, site);
  checkGroups(table, groups, object, site);
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(object)) {
    const field = Object.hasOwn(table, name) ? table[name] : undefined;
    if (field === undefined || !speaks(field, site)) continue;
    const compiled = field.compile(value, { ...site, name, path: [...site.path, name], holder: object });
    if (compiled !== undefined) values[name] = compiled;
  }
  return values as FieldValues<T>;
}

/** Reads `value` as an object of fields; a value of another type is reported. */
export function readObject<T extends FieldTable>(
  table: T,
  groups: readonly FieldGroup[],
  value: Json,
  site: ObjectSite,
): FieldValues<T> | undefined {
  if (isJsonObject(value)) return readFields(table, groups, value, site);
  site.context.findings.schemaError("Expected value of type Object", site.path);
  return undefined;
}

/** True when the field is one of the state's query language, or of both. */
function speaks(field: Field<unknown>, site: ObjectSite): boolean {
  return field.language === undefined || field.language === site.state.language;
}

function checkNames(table: FieldTable, object: JsonObject, site: ObjectSite): void {
  const { findings } = site.context;
  for (const name of Object.keys(object)) {
    const field = Object.hasOwn(table, name) ? table[name] : undefined;
    if (field === undefined) {
      findings.schemaError(`Field '${name}' is not supported`, site.path);
    } else if (!speaks(field, site)) {
      findings.schemaError(
        `The QueryLanguage is set to '${site.state.language}', but field '${name}' is only supported for the '${field.language}' QueryLanguage`,
        site.path,
      );
    }
  }
}

function checkRequired(table: FieldTable, object: JsonObject, site: ObjectSite): void {
  const missing = Object.entries(table)
    .filter(([name, field]) => field.required === true && speaks(field, site) && !Object.hasOwn(object, name))
    .map(([name]) => name);
  if (missing.length > 0) {
    site.context.findings.schemaError(`These fields are required: [${missing.join(", ")}]`, site.path);
  }
}

function checkGroups(table: FieldTable, groups: readonly FieldGroup[], object: JsonObject, site: ObjectSite): void {
  const { findings } = site.context;
  for (const group of groups) {
    const present = group.fields.filter((name) => Object.hasOwn(object, name));
    if (present.length > 1) {
      findings.schemaError(`There should only be one of the following fields: [${group.fields.join(", ")}]`, site.path);
    } else if (present.length === 0 && group.required === true) {
      const possible = group.fields.filter((name) => Object.hasOwn(table, name) && speaks(table[name]!, site));
      findings.schemaError(`There should be one of the following fields: [${possible.join(", ")}]`, site.path);
    }
  }
}
