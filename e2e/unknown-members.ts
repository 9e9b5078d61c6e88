import * as sfn from "@aws-sdk/client-sfn";

/** The SDK's own description of an answer: nested arrays that begin with what they describe. */
const LIST = 1;
const MAP = 2;
const STRUCTURE = 3;

const schemas = sfn as unknown as { readonly [name: string]: unknown };

/** Paths of members of an operation's answer that AWS's answer does not have: clients pass over them silently. */
export function unknownMembers(operation: string, answer: unknown): string[] {
  return [...unknownIn(schemas[`${operation}Output$`], answer, operation)];
}

function* unknownIn(described: unknown, value: unknown, path: string): Generator<string> {
  const schema: unknown = typeof described === "function" ? described() : described;
  if (!Array.isArray(schema) || typeof value !== "object" || value === null) return;
  // [schema, traits]
  if (typeof schema[0] !== "number") yield* unknownIn(schema[0], value, path);
  if (schema[0] === LIST) for (const item of value as unknown[]) yield* unknownIn(schema[4], item, `${path}[]`);
  if (schema[0] === MAP) for (const item of Object.values(value)) yield* unknownIn(schema[5], item, `${path}{}`);
  if (schema[0] !== STRUCTURE) return;
  const [members, inner] = [schema[4] as string[], schema[5] as unknown[]];
  for (const [name, item] of Object.entries(value)) {
    const index = members.indexOf(name);
    if (index < 0) yield `${path}.${name}`;
    else yield* unknownIn(inner[index], item, `${path}.${name}`);
  }
}
