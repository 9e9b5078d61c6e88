import { isJsonArray, isJsonObject, type Json } from "@stepwell/core";

/** What a value of a template names. */
export interface References {
  /** Logical ids (or parameters) of Ref, Fn::GetAtt and Fn::Sub. */
  readonly names: ReadonlySet<string>;
  /** Texts of Fn::ImportValue, where they are texts. */
  readonly imports: ReadonlySet<string>;
  /** Stacks of Fn::GetStackOutput. */
  readonly stacks: ReadonlySet<string>;
}

export function referencesOf(value: Json): References {
  const found = { names: new Set<string>(), imports: new Set<string>(), stacks: new Set<string>() };
  collect(value, found);
  return found;
}

type Found = { readonly [Kind in keyof References]: Set<string> };

function collect(value: Json | undefined, found: Found): void {
  if (value === undefined) return;
  if (isJsonArray(value)) {
    for (const item of value) collect(item, found);
    return;
  }
  if (!isJsonObject(value)) return;
  for (const [key, member] of Object.entries(value)) {
    if (key === "Ref" && typeof member === "string") found.names.add(member);
    else if (key === "Fn::GetAtt") collectAttribute(member, found);
    else if (key === "Fn::Sub") collectSubstitution(member, found);
    else if (key === "Fn::ImportValue" && typeof member === "string") found.imports.add(member);
    else if (key === "Fn::GetStackOutput" && isJsonObject(member) && typeof member["StackName"] === "string")
      found.stacks.add(member["StackName"]);
    else collect(member, found);
  }
}

function collectAttribute(argument: Json, found: Found): void {
  const [first] = typeof argument === "string" ? argument.split(".") : isJsonArray(argument) ? argument : [];
  if (typeof first === "string") found.names.add(first);
}

function collectSubstitution(argument: Json, found: Found): void {
  const [template, names] = isJsonArray(argument) ? argument : [argument];
  collect(names, found);
  const own = isJsonObject(names) ? names : {};
  for (const match of String(template).matchAll(/\$\{(?!!)\s*([^}.]+)[^}]*\}/g)) {
    const name = (match[1] ?? "").trim();
    if (!Object.hasOwn(own, name)) found.names.add(name);
  }
}
