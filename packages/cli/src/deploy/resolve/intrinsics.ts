/**
 * CloudFormation's intrinsic functions, without I/O: a value of a template in, the value it stands for out.
 * CloudFormation user guide, "Intrinsic function reference".
 */
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import { shown } from "../problem.ts";
import { cidrBlocks } from "./cidr.ts";
import type { Scope } from "./scope.ts";

/** What `AWS::NoValue` gives: the member or element that holds it is left out. */
const NO_VALUE = undefined;

type Intrinsic = (argument: Json, scope: Scope, pointer: string) => Json | undefined;

/** The value with all intrinsic functions carried out; `undefined` for `AWS::NoValue`. */
export function resolveValue(value: Json, scope: Scope, pointer: string): Json | undefined {
  if (isJsonArray(value)) {
    return value.flatMap((item, index) => {
      const resolved = resolveValue(item, scope, `${pointer}/${index}`);
      return resolved === undefined ? [] : [resolved];
    });
  }
  if (!isJsonObject(value)) return value;
  const name = intrinsicName(value);
  if (name !== undefined) {
    const intrinsic = INTRINSICS.get(name);
    const inner = `${pointer}/${name}`;
    if (intrinsic !== undefined) return intrinsic(value[name] as Json, scope, inner);
    scope.problem(inner, `the intrinsic function ${name} is not supported`);
    return "";
  }
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => {
      if (key.startsWith("Fn::ForEach")) {
        scope.problem(`${pointer}/${key}`, "Fn::ForEach needs Transform: AWS::LanguageExtensions");
        return [];
      }
      const resolved = resolveValue(member, scope, `${pointer}/${escaped(key)}`);
      return resolved === undefined ? [] : [[key, resolved] as const];
    }),
  );
}

/** An object that is a call: one member, called `Ref` or `Fn::…`. */
function intrinsicName(value: JsonObject): string | undefined {
  const [name, ...others] = Object.keys(value);
  return name !== undefined && others.length === 0 && (name === "Ref" || /^Fn::(?!ForEach)/.test(name))
    ? name
    : undefined;
}

/** A condition: a name, or one of the functions of conditions. */
export function resolveCondition(value: Json, scope: Scope, pointer: string): boolean {
  if (!isJsonObject(value)) {
    if (value === true || value === "true") return true;
    if (value === false || value === "false") return false;
    scope.problem(pointer, `must be a condition, got ${shown(value)}`);
    return false;
  }
  const [name = "", ...others] = Object.keys(value);
  const argument = value[name] as Json;
  const inner = `${pointer}/${escaped(name)}`;
  const operands = (least: number, most: number): readonly Json[] => {
    const list = isJsonArray(argument) ? argument : [argument];
    if (list.length < least || list.length > most) scope.problem(inner, `must have ${least} to ${most} operands`);
    return list;
  };
  const truth = (item: Json, index: number): boolean => resolveCondition(item, scope, `${inner}/${index}`);
  if (others.length === 0) {
    if (name === "Condition") return namedCondition(argument, scope, inner);
    if (name === "Fn::Not") return !operands(1, 1).map(truth)[0];
    if (name === "Fn::And") return operands(2, 10).map(truth).every(Boolean);
    if (name === "Fn::Or") return operands(2, 10).map(truth).some(Boolean);
    if (name === "Fn::Equals") {
      const [left = null, right = null] = operands(2, 2).map((item, i) => resolveValue(item, scope, `${inner}/${i}`));
      // Parameters are texts, whatever they look like.
      return comparable(left) === comparable(right);
    }
  }
  scope.problem(pointer, `the condition function ${name} is not supported`);
  return false;
}

function comparable(value: Json): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function namedCondition(name: Json, scope: Scope, pointer: string): boolean {
  const truth = typeof name === "string" ? scope.condition(name) : undefined;
  if (truth === undefined) scope.problem(pointer, `there is no condition ${shown(name)}`);
  return truth ?? false;
}

const INTRINSICS: ReadonlyMap<string, Intrinsic> = new Map<string, Intrinsic>([
  ["Ref", (argument, scope, pointer) => reference(textOf(argument, scope, pointer), scope, pointer)],
  ["Fn::GetAtt", getAttribute],
  ["Fn::Join", join],
  ["Fn::Sub", substitute],
  ["Fn::Select", select],
  ["Fn::Split", split],
  ["Fn::If", choose],
  ["Fn::FindInMap", findInMap],
  ["Fn::Cidr", addressBlocks],
  ["Fn::Base64", (value, scope, pointer) => Buffer.from(resolvedText(value, scope, pointer)).toString("base64")],
  ["Fn::GetAZs", availabilityZones],
  ["Fn::ImportValue", importValue],
  ["Fn::GetStackOutput", stackOutput],
  ["Fn::Length", length],
  ["Fn::ToJsonString", (value, scope, pointer) => JSON.stringify(resolveValue(value, scope, pointer) ?? null)],
  ["Fn::And", (value, scope, pointer) => condition("Fn::And", value, scope, pointer)],
  ["Fn::Equals", (value, scope, pointer) => condition("Fn::Equals", value, scope, pointer)],
  ["Fn::Not", (value, scope, pointer) => condition("Fn::Not", value, scope, pointer)],
  ["Fn::Or", (value, scope, pointer) => condition("Fn::Or", value, scope, pointer)],
]);

function condition(name: string, argument: Json, scope: Scope, pointer: string): boolean {
  return resolveCondition({ [name]: argument }, scope, pointer.slice(0, -name.length - 1));
}

function reference(name: string, scope: Scope, pointer: string): Json | undefined {
  if (name === "AWS::NoValue") return NO_VALUE;
  const parameter = scope.parameters.get(name);
  if (parameter !== undefined) return parameter;
  return resourceOf(name, scope, pointer)?.reference ?? "";
}

function resourceOf(name: string, scope: Scope, pointer: string): Exclude<ReturnType<Scope["resource"]>, string> {
  const resource = scope.resource(name);
  if (resource === "absent") {
    scope.problem(pointer, `the resource ${name} is not created: its condition is false`);
    return undefined;
  }
  if (resource === undefined) scope.problem(pointer, `there is no parameter and no resource ${shown(name)}`);
  return resource;
}

function getAttribute(argument: Json, scope: Scope, pointer: string): Json {
  const parts = typeof argument === "string" ? dotted(argument) : isJsonArray(argument) ? argument : [];
  const [logicalId, ...rest] = parts;
  const names = rest.map((part, index) => resolvedText(part, scope, `${pointer}/${index + 1}`));
  if (typeof logicalId !== "string" || names.length === 0) {
    scope.problem(pointer, `must name a resource and an attribute, got ${shown(argument)}`);
    return "";
  }
  return attribute(logicalId, names.join("."), scope, pointer);
}

function dotted(text: string): readonly string[] {
  const dot = text.indexOf(".");
  return dot < 0 ? [text] : [text.slice(0, dot), text.slice(dot + 1)];
}

function attribute(logicalId: string, name: string, scope: Scope, pointer: string): Json {
  const resource = resourceOf(logicalId, scope, pointer);
  if (resource === undefined) return "";
  if (Object.hasOwn(resource.attributes, name)) return resource.attributes[name] as Json;
  scope.problem(pointer, `the resource ${logicalId} has no attribute ${name} here`);
  return "";
}

function join(argument: Json, scope: Scope, pointer: string): Json {
  const [delimiter, list] = operands(argument, 2, scope, pointer);
  const items = listOf(list, scope, `${pointer}/1`);
  return items.map((item, index) => asText(item, scope, `${pointer}/1/${index}`)).join(String(delimiter ?? ""));
}

function substitute(argument: Json, scope: Scope, pointer: string): Json {
  const [template, names] = isJsonArray(argument) ? argument : [argument];
  if (typeof template !== "string" || (names !== undefined && !isJsonObject(names))) {
    scope.problem(pointer, `must be a text, or a list of a text and a map, got ${shown(argument)}`);
    return "";
  }
  return template.replace(/\$\{(!?)([^}]*)\}/g, (_whole, literal: string, wanted: string) => {
    if (literal !== "") return `\${${wanted}}`;
    const name = wanted.trim();
    if (names !== undefined && Object.hasOwn(names, name)) {
      return resolvedText(names[name] as Json, scope, `${pointer}/1/${escaped(name)}`);
    }
    if (scope.parameters.has(name)) return asText(scope.parameters.get(name) ?? "", scope, pointer);
    const [logicalId = "", attributeName] = dotted(name);
    const value =
      attributeName === undefined
        ? reference(name, scope, pointer)
        : attribute(logicalId, attributeName, scope, pointer);
    return asText(value ?? "", scope, pointer);
  });
}

function select(argument: Json, scope: Scope, pointer: string): Json {
  const [index, list] = operands(argument, 2, scope, pointer);
  const position = Number(resolveValue(index ?? null, scope, `${pointer}/0`));
  const items = listOf(list, scope, `${pointer}/1`);
  const item = items[position];
  if (item !== undefined) return item;
  scope.problem(pointer, `there is no element ${position} in a list of ${items.length}`);
  return "";
}

function split(argument: Json, scope: Scope, pointer: string): Json {
  const [delimiter, source] = operands(argument, 2, scope, pointer);
  return resolvedText(source ?? "", scope, `${pointer}/1`).split(String(delimiter));
}

function choose(argument: Json, scope: Scope, pointer: string): Json | undefined {
  const [name, then, otherwise] = operands(argument, 3, scope, pointer);
  const truth = namedCondition(name ?? null, scope, `${pointer}/0`);
  return resolveValue((truth ? then : otherwise) ?? null, scope, `${pointer}/${truth ? 1 : 2}`);
}

function findInMap(argument: Json, scope: Scope, pointer: string): Json | undefined {
  const parts = isJsonArray(argument) ? argument : [];
  const [map = "", top = "", second = ""] = parts
    .slice(0, 3)
    .map((part, index) => resolvedText(part, scope, `${pointer}/${index}`));
  const member = (holder: Json | undefined, name: string): Json | undefined =>
    isJsonObject(holder) && Object.hasOwn(holder, name) ? holder[name] : undefined;
  const found = member(member(member(scope.mappings, map), top), second);
  if (found !== undefined) return found;
  const fallback = parts[3];
  if (isJsonObject(fallback) && fallback["DefaultValue"] !== undefined)
    return resolveValue(fallback["DefaultValue"], scope, `${pointer}/3/DefaultValue`);
  scope.problem(pointer, `there is nothing at ${map}/${top}/${second} in the mappings`);
  return "";
}

/** Three zones a region: what most regions have, and what templates take. */
function availabilityZones(argument: Json, scope: Scope, pointer: string): Json {
  const region = resolvedText(argument, scope, pointer) || String(scope.parameters.get("AWS::Region"));
  return ["a", "b", "c"].map((zone) => `${region}${zone}`);
}

function addressBlocks(argument: Json, scope: Scope, pointer: string): Json {
  const parts = isJsonArray(argument) ? argument : [];
  const [block = "", count = "", bits = ""] = parts.map((part, i) => resolvedText(part, scope, `${pointer}/${i}`));
  const blocks = cidrBlocks(block, Number(count), bits === "" ? undefined : Number(bits));
  if (typeof blocks !== "string") return blocks;
  scope.problem(pointer, blocks);
  return [];
}

function importValue(argument: Json, scope: Scope, pointer: string): Json {
  const name = resolvedText(argument, scope, pointer);
  const value = scope.importValue(name);
  if (value === undefined) scope.problem(pointer, `no stack that is deployed or given exports ${shown(name)}`);
  return value ?? "";
}

function stackOutput(argument: Json, scope: Scope, pointer: string): Json {
  const fields = isJsonObject(argument) ? argument : {};
  const stackName = resolvedText(fields["StackName"] ?? "", scope, `${pointer}/StackName`);
  const outputName = resolvedText(fields["OutputName"] ?? "", scope, `${pointer}/OutputName`);
  const value = scope.stackOutput(stackName, outputName);
  if (value === undefined)
    scope.problem(pointer, `no stack ${shown(stackName)} with an output ${shown(outputName)} is deployed or given`);
  return value ?? "";
}

function length(argument: Json, scope: Scope, pointer: string): Json {
  return listOf(argument, scope, pointer).length;
}

function operands(argument: Json, count: number, scope: Scope, pointer: string): readonly Json[] {
  if (isJsonArray(argument) && argument.length === count) return argument;
  scope.problem(pointer, `must be a list of ${count}, got ${shown(argument)}`);
  return [];
}

function listOf(value: Json | undefined, scope: Scope, pointer: string): readonly Json[] {
  const resolved = resolveValue(value ?? null, scope, pointer);
  if (resolved !== undefined && isJsonArray(resolved)) return resolved;
  // A parameter of a list type is a text with commas.
  if (typeof resolved === "string") return resolved === "" ? [] : resolved.split(",");
  scope.problem(pointer, `must be a list, got ${shown(resolved)}`);
  return [];
}

function resolvedText(value: Json, scope: Scope, pointer: string): string {
  return asText(resolveValue(value, scope, pointer) ?? "", scope, pointer);
}

function textOf(value: Json, scope: Scope, pointer: string): string {
  if (typeof value === "string") return value;
  scope.problem(pointer, `must be a name, got ${shown(value)}`);
  return "";
}

function asText(value: Json, scope: Scope, pointer: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (isJsonArray(value) && value.every((item) => typeof item === "string")) return value.join(",");
  scope.problem(pointer, `must be a text, got ${shown(value)}`);
  return "";
}

function escaped(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
