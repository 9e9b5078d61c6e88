/** A CloudFormation template taken apart; what is in it is not yet resolved. */
import { isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import { type Problems, shown } from "../problem.ts";
import type { TemplateDocument } from "./template-document.ts";

export interface ResourceDeclaration {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: JsonObject;
  readonly dependsOn: readonly string[];
  readonly condition?: string;
  readonly deletionPolicy: string;
  readonly metadata: JsonObject;
  /** JSON Pointer of the declaration. */
  readonly pointer: string;
}

export interface ParameterDeclaration {
  readonly name: string;
  readonly type: string;
  readonly default?: Json;
  readonly allowedValues?: readonly Json[];
  readonly allowedPattern?: string;
  readonly bounds: Readonly<Partial<Record<Bound, number>>>;
}

/** Of a number, or of the length of a text. */
export type Bound = (typeof BOUNDS)[number];

export interface OutputDeclaration {
  readonly name: string;
  readonly value: Json;
  readonly exportName?: Json;
  readonly condition?: string;
}

export interface Template {
  readonly document: TemplateDocument;
  readonly parameters: ReadonlyMap<string, ParameterDeclaration>;
  readonly mappings: JsonObject;
  readonly conditions: JsonObject;
  readonly resources: ReadonlyMap<string, ResourceDeclaration>;
  readonly outputs: readonly OutputDeclaration[];
  /** Names in `Transform`. */
  readonly transforms: readonly string[];
}

const BOUNDS = ["MinValue", "MaxValue", "MinLength", "MaxLength"] as const;

/** CloudFormation's quota is 500. */
const RESOURCES_MAX = 2_000;

const SECTIONS = new Set([
  "AWSTemplateFormatVersion",
  "Conditions",
  "Description",
  "Globals",
  "Hooks",
  "Mappings",
  "Metadata",
  "Outputs",
  "Parameters",
  "Resources",
  "Rules",
  "Transform",
]);

/** Reads the sections; what is not as it must be goes to `problems`. `Rules` check parameters against AWS and are left out. */
export function readTemplate(document: TemplateDocument, problems: Problems): Template {
  const refuse = (pointer: string, message: string): void => problems.add(document.placeOf(pointer), pointer, message);
  const root = objectAt(document.value, "", refuse);
  for (const name of Object.keys(root)) if (!SECTIONS.has(name)) refuse(`/${name}`, `unknown section ${name}`);
  if (root["Hooks"] !== undefined) refuse("/Hooks", "Hooks are not supported");
  const section = (name: string): JsonObject =>
    root[name] === undefined ? {} : objectAt(root[name], `/${name}`, refuse);
  const resources = Object.entries(section("Resources"));
  if (resources.length === 0) refuse("/Resources", "must have at least one resource");
  if (resources.length > RESOURCES_MAX) refuse("/Resources", `must have at most ${RESOURCES_MAX} resources`);
  const transform = root["Transform"];
  return {
    document,
    parameters: new Map(
      Object.entries(section("Parameters")).map(([name, value]) => [
        name,
        parameterOf(name, objectAt(value, `/Parameters/${name}`, refuse)),
      ]),
    ),
    mappings: section("Mappings"),
    conditions: section("Conditions"),
    resources: new Map(
      resources
        .slice(0, RESOURCES_MAX)
        .flatMap(([id, value]) => resourceOf(id, value, refuse).map((found) => [id, found] as const)),
    ),
    outputs: Object.entries(section("Outputs")).map(([name, value]) => outputOf(name, value, refuse)),
    transforms: (Array.isArray(transform) ? transform : transform === undefined ? [] : [transform]).map(String),
  };
}

type Refuse = (pointer: string, message: string) => void;

function objectAt(value: Json | undefined, pointer: string, refuse: Refuse): JsonObject {
  if (isJsonObject(value)) return value;
  refuse(pointer, `must be a map, got ${shown(value)}`);
  return {};
}

function parameterOf(name: string, fields: JsonObject): ParameterDeclaration {
  const { Type, Default, AllowedValues, AllowedPattern } = fields;
  return {
    name,
    type: String(Type ?? "String"),
    ...(Default === undefined ? {} : { default: Default }),
    ...(Array.isArray(AllowedValues) ? { allowedValues: AllowedValues as readonly Json[] } : {}),
    ...(typeof AllowedPattern === "string" ? { allowedPattern: AllowedPattern } : {}),
    bounds: Object.fromEntries(
      BOUNDS.flatMap((name) => (fields[name] === undefined ? [] : [[name, Number(fields[name])] as const])),
    ),
  };
}

function resourceOf(logicalId: string, value: Json, refuse: Refuse): ResourceDeclaration[] {
  const pointer = `/Resources/${logicalId}`;
  if (logicalId.startsWith("Fn::ForEach")) {
    refuse(pointer, "Fn::ForEach needs Transform: AWS::LanguageExtensions");
    return [];
  }
  const fields = objectAt(value, pointer, refuse);
  if (!/^[A-Za-z0-9]{1,255}$/.test(logicalId)) refuse(pointer, "a logical id must be 1 to 255 letters and digits");
  const { Type, Properties, DependsOn, Condition, DeletionPolicy, Metadata } = fields;
  if (typeof Type !== "string") {
    refuse(pointer, `Type must be a text, got ${shown(Type)}`);
    return [];
  }
  const dependsOn = DependsOn === undefined ? [] : Array.isArray(DependsOn) ? DependsOn : [DependsOn];
  return [
    {
      logicalId,
      type: Type,
      properties: Properties === undefined ? {} : objectAt(Properties, `${pointer}/Properties`, refuse),
      dependsOn: dependsOn.map(String),
      ...(typeof Condition === "string" ? { condition: Condition } : {}),
      deletionPolicy: typeof DeletionPolicy === "string" ? DeletionPolicy : "Delete",
      metadata: isJsonObject(Metadata) ? Metadata : {},
      pointer,
    },
  ];
}

function outputOf(name: string, value: Json, refuse: Refuse): OutputDeclaration {
  const fields = objectAt(value, `/Outputs/${name}`, refuse);
  const exported = fields["Export"];
  const { Condition } = fields;
  return {
    name,
    value: fields["Value"] ?? null,
    ...(isJsonObject(exported) && exported["Name"] !== undefined ? { exportName: exported["Name"] } : {}),
    ...(typeof Condition === "string" ? { condition: Condition } : {}),
  };
}
