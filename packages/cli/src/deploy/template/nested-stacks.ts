/**
 * Nested stacks become part of the template that holds them: their resources, conditions and mappings get the nested stack's
 * logical id before their own, their parameters are replaced by what the holder gives, and `Fn::GetAtt` of their outputs by
 * what the outputs say. So one order of all resources is found, whatever goes in and out.
 */
import { dirname, isAbsolute, join } from "node:path";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import type { CodeSources } from "../code/code-sources.ts";
import type { Problems } from "../problem.ts";
import { readBounded } from "./bounded-file.ts";
import { parseTemplate, type TemplateDocument } from "./template-document.ts";
import { withTransforms } from "./transforms.ts";

const TYPE = "AWS::CloudFormation::Stack";
const DEPTH_MAX = 5;
/** In one stack, however deep. */
const STACKS_MAX = 100;

export async function withNestedStacks(
  document: TemplateDocument,
  stackName: string,
  context: Pick<Reader, "code" | "problems" | "pseudo">,
): Promise<TemplateDocument> {
  const reader = { ...context, left: STACKS_MAX };
  const value = isJsonObject(document.value)
    ? await flattened(document.value, document, stackName, reader, 0)
    : document.value;
  return { ...document, value };
}

interface Reader {
  readonly code: CodeSources;
  readonly problems: Problems;
  /** Pseudo parameters of the holder. */
  readonly pseudo: ReadonlyMap<string, Json>;
  left: number;
}

async function flattened(
  template: JsonObject,
  document: TemplateDocument,
  stackName: string,
  reader: Reader,
  depth: number,
): Promise<JsonObject> {
  const resources = section(template, "Resources");
  const nested = Object.entries(resources).filter(([, value]) => isJsonObject(value) && value["Type"] === TYPE);
  if (nested.length === 0) return template;
  let whole = template;
  for (const [id, declaration] of nested) {
    const refuse = (message: string): void => {
      const pointer = `/Resources/${id}`;
      reader.problems.add(document.placeOf(pointer), pointer, message);
    };
    const inner = await innerTemplate(id, declaration as JsonObject, stackName, reader, depth, refuse);
    if (inner === undefined) continue;
    whole = merged(whole, id, declaration as JsonObject, inner, `${stackName}-${id}`, refuse);
  }
  return whole;
}

async function innerTemplate(
  id: string,
  declaration: JsonObject,
  stackName: string,
  reader: Reader,
  depth: number,
  refuse: (message: string) => void,
): Promise<JsonObject | undefined> {
  if (depth >= DEPTH_MAX || reader.left-- <= 0) {
    refuse(`at most ${DEPTH_MAX} levels and ${STACKS_MAX} nested stacks are supported`);
    return undefined;
  }
  try {
    const path = reader.code.pathOf(templatePlace(section(declaration, "Properties")["TemplateURL"] ?? null));
    const written = parseTemplate(path, await readBounded(path));
    // Loops see what the holder gives as a text; for what it computes they have the default.
    const given = Object.entries(section(section(declaration, "Properties"), "Parameters"));
    const parameters = new Map(given.filter(([, value]) => typeof value !== "object"));
    const pseudo = new Map([...reader.pseudo, ["AWS::StackName", `${stackName}-${id}`]]);
    const document = withTransforms(written, { parameters, pseudo }, reader.problems);
    if (isJsonObject(document.value)) {
      const rebased = withPathsFrom(dirname(path), document.value);
      return flattened(rebased, document, `${stackName}-${id}`, reader, depth + 1);
    }
    refuse(`${path}: must be a template`);
  } catch (error) {
    refuse((error as Error).message);
  }
  return undefined;
}

/** Properties that hold a local path, where they hold a text. */
const PATHS: Readonly<Record<string, readonly string[]>> = {
  "AWS::StepFunctions::StateMachine": ["DefinitionS3Location"],
  "AWS::Lambda::Function": ["Code"],
  "AWS::Lambda::LayerVersion": ["Content", "ContentUri"],
  [TYPE]: ["TemplateURL"],
};

/** What a nested template says of files is said from where it lies. */
function withPathsFrom(directory: string, template: JsonObject): JsonObject {
  const resources = Object.entries(section(template, "Resources")).map(([id, resource]): [string, Json] => {
    const names = isJsonObject(resource) ? (PATHS[String(resource["Type"])] ?? []) : [];
    if (!isJsonObject(resource) || names.length === 0) return [id, resource];
    const properties = { ...section(resource, "Properties") };
    for (const name of names) {
      const value = properties[name];
      const isLocal = typeof value === "string" && !isAbsolute(value) && !/^[a-z0-9]+:\/\//i.test(value);
      if (isLocal) properties[name] = join(directory, value);
    }
    return [id, { ...resource, Properties: properties }];
  });
  return { ...template, Resources: Object.fromEntries(resources) };
}

/** The CDK joins the URL of the asset from pseudo parameters; what counts is the key at its end. */
function templatePlace(url: Json): Json {
  const parts = isJsonObject(url) ? url["Fn::Join"] : undefined;
  const pieces = isJsonArray(parts) && isJsonArray(parts[1] ?? null) ? (parts[1] as readonly Json[]) : undefined;
  const last = pieces?.at(-1);
  const text = typeof last === "string" ? last : isJsonObject(url) ? url["Fn::Sub"] : undefined;
  return typeof text === "string" ? { Key: text.slice(text.lastIndexOf("/") + 1) } : url;
}

/** The holder with all of a nested stack in it. */
function merged(
  holder: JsonObject,
  id: string,
  declaration: JsonObject,
  inner: JsonObject,
  innerName: string,
  refuse: (message: string) => void,
): JsonObject {
  const given = section(section(declaration, "Properties"), "Parameters");
  const parameters = new Map<string, Json>([
    ["AWS::StackName", innerName],
    [
      "AWS::StackId",
      {
        "Fn::Sub": `arn:\${AWS::Partition}:cloudformation:\${AWS::Region}:\${AWS::AccountId}:stack/${innerName}/stepwell`,
      },
    ],
  ]);
  for (const [name, parameter] of Object.entries(section(inner, "Parameters"))) {
    const value = given[name] ?? (isJsonObject(parameter) ? parameter["Default"] : undefined);
    if (value === undefined) refuse(`the parameter ${name} of the nested stack has no value`);
    else parameters.set(name, value);
  }
  const renaming: Renaming = {
    id,
    parameters,
    names: new Set(["Resources", "Conditions", "Mappings"].flatMap((name) => Object.keys(section(inner, name)))),
  };
  const renamed = (name: string): JsonObject =>
    Object.fromEntries(
      Object.entries(section(inner, name)).map(([key, value]) => [`${id}${key}`, rewritten(value, renaming, name)]),
    );
  const outputs = new Map(
    Object.entries(section(inner, "Outputs")).map(([name, output]) => [
      name,
      rewritten((isJsonObject(output) ? output["Value"] : null) ?? null, renaming, "Outputs"),
    ]),
  );
  const { [id]: _, ...others } = section(holder, "Resources");
  const innerResources = Object.entries(renamed("Resources"));
  const after = dependsOn(declaration);
  const condition = declaration["Condition"];
  const both: [string, Json][] = [];
  const made = innerResources.map(([key, value]): [string, Json] => {
    const resource = value as JsonObject;
    const own = resource["Condition"];
    const name = condition === undefined || own === undefined ? (condition ?? own) : `${key}IsThere`;
    if (condition !== undefined && own !== undefined)
      both.push([`${key}IsThere`, { "Fn::And": [{ Condition: condition }, { Condition: own }] }]);
    return [
      key,
      {
        ...resource,
        ...(name === undefined ? {} : { Condition: name }),
        ...(after.length === 0 ? {} : { DependsOn: [...dependsOn(resource), ...after] }),
      },
    ];
  });
  const replaced = outerRewritten(
    { ...holder, Resources: { ...others } },
    id,
    outputs,
    innerResources.map(([key]) => key),
  );
  return {
    ...replaced,
    Conditions: { ...section(replaced, "Conditions"), ...renamed("Conditions"), ...Object.fromEntries(both) },
    Mappings: { ...section(replaced, "Mappings"), ...renamed("Mappings") },
    Resources: { ...section(replaced, "Resources"), ...Object.fromEntries(made) },
  };
}

interface Renaming {
  readonly id: string;
  readonly parameters: ReadonlyMap<string, Json>;
  readonly names: ReadonlySet<string>;
}

/** A value of the nested template as one of the holder's. `place`: where names of conditions and mappings stand. */
function rewritten(value: Json, renaming: Renaming, place: string): Json {
  const { id, parameters, names } = renaming;
  if (isJsonArray(value)) return value.map((item) => rewritten(item, renaming, ""));
  if (!isJsonObject(value)) return value;
  const own = (name: Json): Json => (typeof name === "string" && names.has(name) ? `${id}${name}` : name);
  const [key = "", ...more] = Object.keys(value);
  const argument = value[key] as Json;
  const inner = (item: Json): Json => rewritten(item, renaming, "");
  if (more.length === 0 && key === "Ref") return parameters.get(String(argument)) ?? { Ref: own(argument) };
  if (more.length === 0 && key === "Condition") return { Condition: own(argument) };
  if (more.length === 0 && key === "Fn::Sub") return { "Fn::Sub": substitution(argument, renaming) };
  if (more.length === 0 && key === "Fn::GetAtt") {
    const [target, ...rest] = typeof argument === "string" ? argument.split(".") : (argument as readonly Json[]);
    return { "Fn::GetAtt": [own(target ?? null), ...rest.map(inner)] };
  }
  if (more.length === 0 && (key === "Fn::If" || key === "Fn::FindInMap") && isJsonArray(argument)) {
    const [first = null, ...rest] = argument;
    return { [key]: [isJsonObject(first) ? inner(first) : own(first), ...rest.map(inner)] };
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      if (place === "Resources" && name === "Condition") return [name, own(member)];
      if (place === "Resources" && name === "DependsOn")
        return [name, (isJsonArray(member) ? member : [member]).map(own)];
      return [name, inner(member)];
    }),
  );
}

/** `${Name}` of a parameter becomes a variable of the map of Fn::Sub, that of a resource gets its new name. */
function substitution(argument: Json, renaming: Renaming): Json {
  const { id, parameters, names } = renaming;
  const [template, given] = isJsonArray(argument) ? argument : [argument];
  const variables = new Map<string, Json>(
    Object.entries(isJsonObject(given) ? given : {}).map(([name, value]) => [name, rewritten(value, renaming, "")]),
  );
  const text = String(template).replace(/\$\{(?!!)\s*([^}]*?)\s*\}/g, (whole, wanted: string) => {
    if (variables.has(wanted)) return whole;
    const parameter = parameters.get(wanted);
    if (parameter !== undefined) {
      variables.set(wanted, parameter);
      return `\${${wanted}}`;
    }
    const [name = ""] = wanted.split(".");
    return names.has(name) ? `\${${id}${wanted}}` : whole;
  });
  return variables.size === 0 ? text : [text, Object.fromEntries(variables)];
}

/** In the holder: outputs of the nested stack become what they say; who depends on the stack depends on all of it. */
function outerRewritten(
  template: JsonObject,
  id: string,
  outputs: ReadonlyMap<string, Json>,
  innerIds: readonly string[],
): JsonObject {
  const visit = (value: Json): Json => {
    if (isJsonArray(value)) return value.map(visit);
    if (!isJsonObject(value)) return value;
    const attribute = value["Fn::GetAtt"];
    const parts =
      typeof attribute === "string"
        ? attribute.split(".")
        : isJsonArray(attribute ?? null)
          ? (attribute as readonly Json[])
          : [];
    if (Object.keys(value).length === 1 && parts[0] === id) {
      const name = parts
        .slice(1)
        .join(".")
        .replace(/^Outputs\./, "");
      return outputs.get(name) ?? value;
    }
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => {
        if (name !== "DependsOn") return [name, visit(member)];
        const list = isJsonArray(member) ? member : [member];
        return [name, list.flatMap((item) => (item === id ? [...innerIds] : [item]))];
      }),
    );
  };
  return visit(template) as JsonObject;
}

function dependsOn(resource: JsonObject): readonly Json[] {
  const value = resource["DependsOn"];
  return value === undefined ? [] : isJsonArray(value) ? value : [value];
}

function section(holder: JsonObject, name: string): JsonObject {
  const value = holder[name];
  return isJsonObject(value) ? value : {};
}
