/** What is to be deployed: a cloud assembly, a template, a SAM template, a project or a definition, by what a path leads to. */
import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import { type AwsIdentity, DEFAULT_IDENTITY } from "@stepwell/engine";
import { brokenRules } from "../config/validate-config.ts";
import { UsageError } from "../usage-error.ts";
import { CodeSources } from "./code/code-sources.ts";
import { Problems } from "./problem.ts";
import { inOrder } from "./resolve/order.ts";
import { pseudoParameters } from "./resolve/pseudo-parameters.ts";
import { referencesOf } from "./resolve/references.ts";
import { isStackName } from "./stack-record.ts";
import type { StackSource } from "./stack-source.ts";
import { readBounded } from "./template/bounded-file.ts";
import { type Asset, readCloudAssembly } from "./template/cloud-assembly.ts";
import { withNestedStacks } from "./template/nested-stacks.ts";
import { readTemplate } from "./template/template.ts";
import { parseTemplate, type TemplateDocument } from "./template/template-document.ts";
import { withTransforms } from "./template/transforms.ts";

export interface SourceOptions {
  /** Of a source that does not name its stack. */
  readonly stackName?: string;
  /** Stacks of an assembly that are wanted, with what they depend on; all when empty. */
  readonly only: readonly string[];
  readonly parameters: ReadonlyMap<string, Json>;
  /** Whose region and account loops of templates may ask for. */
  readonly identity?: AwsIdentity;
  /** For a definition: the machine's name, role and type. */
  readonly machine: { readonly name?: string; readonly roleArn?: string; readonly type?: string };
}

/** Stacks in the order in which they must be deployed. */
export async function readSources(
  paths: readonly string[],
  options: SourceOptions,
  problems: Problems,
): Promise<readonly StackSource[]> {
  const sources: StackSource[] = [];
  for (const path of paths) {
    try {
      sources.push(...(await readSource(path, options, problems)));
    } catch (error) {
      if (error instanceof UsageError) throw error;
      problems.add((error as Error).message, "", "");
    }
  }
  for (const [index, { stackName }] of sources.entries()) {
    if (!isStackName(stackName))
      problems.add(stackName, "", "a stack's name must be a letter, then letters, digits and -");
    if (sources.findIndex((other) => other.stackName === stackName) !== index)
      problems.add(stackName, "", "two stacks have this name (--stack names one)");
  }
  return stacksInOrder(wanted(sources, options.only, problems), problems);
}

async function readSource(path: string, options: SourceOptions, problems: Problems): Promise<StackSource[]> {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new Error(`${path}: there is no such file or directory`);
  if (stats.isDirectory()) {
    if (existsSync(join(path, "manifest.json"))) return assembly(path, options, problems);
    const names = ["template.yaml", "template.yml", "template.json", "stepwell.yaml", "stepwell.yml"];
    const file = names.map((name) => join(path, name)).find((name) => existsSync(name));
    if (file !== undefined) return readSource(file, options, problems);
    throw new Error(`${path}: has no manifest.json (cdk.out), template.yaml or stepwell.yaml`);
  }
  const document = parseTemplate(path, await readBounded(path));
  const root = isJsonObject(document.value) ? document.value : {};
  if (root["StartAt"] !== undefined && root["States"] !== undefined) return [definitionStack(path, document, options)];
  if (root["Resources"] === undefined && /^stepwell\.ya?ml$/.test(basename(path)))
    return projectStack(path, document, root, options, problems);
  return [await stackOf(document, options.stackName ?? stackNameOf(path), new Map(), options, problems)];
}

async function assembly(directory: string, options: SourceOptions, problems: Problems): Promise<StackSource[]> {
  const stacks = await readCloudAssembly(directory);
  if (stacks.length === 0) throw new Error(`${directory}: holds no stack`);
  const sources: StackSource[] = [];
  for (const { stackName, templateFile, assets, dependencies, environment, parameters } of stacks) {
    const document = parseTemplate(join(directory, basename(templateFile)), await readBounded(templateFile));
    const given = new Map([...Object.entries(parameters), ...options.parameters]);
    const source = await stackOf(
      document,
      stackName,
      assets,
      { ...options, parameters: given },
      problems,
      templateFile,
    );
    sources.push({ ...source, dependencies, environment });
  }
  return sources;
}

async function stackOf(
  document: TemplateDocument,
  stackName: string,
  assets: ReadonlyMap<string, Asset>,
  { parameters, identity = DEFAULT_IDENTITY }: Pick<SourceOptions, "parameters" | "identity">,
  problems: Problems,
  templateFile: string = document.file,
): Promise<StackSource> {
  // Assets lie in the assembly; a template by itself may name folders of the project it lies in.
  const outside = assets.size > 0 ? [] : [process.cwd()];
  const code = new CodeSources(resolve(templateFile), assets, outside);
  const pseudo = pseudoParameters(identity, stackName);
  const plain = withTransforms(document, { parameters, pseudo }, problems);
  const whole = await withNestedStacks(plain, stackName, { code, pseudo, problems });
  return { stackName, template: readTemplate(whole, problems), code, assets, dependencies: [], parameters };
}

/** A definition by itself: a stack of one state machine. */
function definitionStack(path: string, document: TemplateDocument, options: SourceOptions): StackSource {
  const { name = stackNameOf(path), roleArn, type } = options.machine;
  const properties: JsonObject = {
    DefinitionS3Location: resolve(path),
    StateMachineName: name,
    ...(roleArn === undefined ? {} : { RoleArn: roleArn }),
    ...(type === undefined ? {} : { StateMachineType: type }),
  };
  return synthesized(path, document, options.stackName ?? sanitized(name), {
    StateMachine: { Type: "AWS::StepFunctions::StateMachine", Properties: properties },
  });
}

/** `stateMachines:` of a stepwell.yaml. */
function projectStack(
  path: string,
  document: TemplateDocument,
  root: JsonObject,
  options: SourceOptions,
  problems: Problems,
): StackSource[] {
  const broken = brokenRules(root);
  for (const { pointer, message } of broken) problems.add(document.placeOf(pointer), pointer, message);
  if (broken.length > 0) return [];
  const machines = isJsonObject(root["stateMachines"]) ? root["stateMachines"] : {};
  if (Object.keys(machines).length === 0) throw new Error(`${path}: has no stateMachines`);
  const resources = Object.entries(machines).flatMap(([name, value]) =>
    projectMachine(name, isJsonObject(value) ? value : {}),
  );
  const stackName = options.stackName ?? stackNameOf(join(dirname(resolve(path)), "template.yaml"));
  return [synthesized(path, document, stackName, Object.fromEntries(resources))];
}

function projectMachine(name: string, machine: JsonObject): [string, Json][] {
  const { definition, type, role, substitutions, alias } = machine;
  const id = idOf(name);
  const main: Json = {
    Type: "AWS::StepFunctions::StateMachine",
    Properties: {
      StateMachineName: name,
      DefinitionS3Location: definition ?? null,
      ...(type === undefined ? {} : { StateMachineType: type }),
      ...(role === undefined ? {} : { RoleArn: role }),
      ...(substitutions === undefined ? {} : { DefinitionSubstitutions: substitutions }),
    },
  };
  if (alias === undefined) return [[id, main]];
  const version: Json = {
    Type: "AWS::StepFunctions::StateMachineVersion",
    Properties: {
      StateMachineArn: { Ref: id },
      StateMachineRevisionId: { "Fn::GetAtt": [id, "StateMachineRevisionId"] },
    },
  };
  const preference = { Type: "ALL_AT_ONCE", StateMachineVersionArn: { Ref: `${id}Version` } };
  return [
    [id, main],
    [`${id}Version`, version],
    [
      `${id}Alias`,
      {
        Type: "AWS::StepFunctions::StateMachineAlias",
        Properties: { Name: alias, DeploymentPreference: preference },
      },
    ],
  ];
}

/** Machines' names may have characters that logical ids have not. */
function idOf(name: string): string {
  return [...name].map((c) => (/[A-Za-z0-9]/.test(c) ? c : `x${c.codePointAt(0)?.toString(16)}`)).join("");
}

function synthesized(path: string, document: TemplateDocument, stackName: string, resources: JsonObject): StackSource {
  const value = { Resources: resources };
  const template = readTemplate({ ...document, value }, new Problems());
  const code = new CodeSources(resolve(path), new Map(), [process.cwd()]);
  return { stackName, template, code, assets: new Map(), dependencies: [], parameters: new Map() };
}

/** `orders.template.json` is the stack `orders`; `template.yaml` and the like have the name of their directory. */
function stackNameOf(path: string): string {
  const name = basename(path)
    .replace(/\.(json|ya?ml)$/i, "")
    .replace(/\.(template|asl|sfn)$/i, "");
  return sanitized(/^(template|stepwell|statemachine)$/i.test(name) ? basename(dirname(resolve(path))) : name);
}

function sanitized(name: string): string {
  const text = name
    .replace(/[^A-Za-z0-9-]+/g, "-")
    .replace(/^[^A-Za-z]+/, "")
    .slice(0, 128);
  return text === "" ? "stack" : text;
}

function wanted(sources: readonly StackSource[], only: readonly string[], problems: Problems): readonly StackSource[] {
  if (only.length === 0) return sources;
  const byName = new Map(sources.map((source) => [source.stackName, source]));
  const chosen = new Set<string>();
  const take = (name: string): void => {
    const source = byName.get(name);
    if (source === undefined || chosen.has(name)) return;
    chosen.add(name);
    for (const dependency of source.dependencies) take(dependency);
  };
  for (const name of only) {
    if (!byName.has(name)) problems.add(name, "", `there is no such stack; there are ${[...byName.keys()].join(", ")}`);
    take(name);
  }
  return sources.filter(({ stackName }) => chosen.has(stackName));
}

/** By what the assembly says, and by the values that one stack takes from another. */
function stacksInOrder(sources: readonly StackSource[], problems: Problems): readonly StackSource[] {
  const byName = new Map(sources.map((source) => [source.stackName, source]));
  const exporters = new Map(
    sources.flatMap(({ stackName, template }) =>
      template.outputs.flatMap(({ exportName }) =>
        typeof exportName === "string" ? [[exportName, stackName] as const] : [],
      ),
    ),
  );
  const needs = (name: string): readonly string[] => {
    const source = byName.get(name);
    if (source === undefined) return [];
    const { resources, outputs } = source.template;
    const values = [
      ...[...resources.values()].map(({ properties }) => properties),
      ...outputs.map(({ value }) => value),
    ];
    const { imports, stacks } = referencesOf(values);
    const importing = [...imports].flatMap((imported) => exporters.get(imported) ?? []);
    return [...source.dependencies, ...importing, ...stacks].filter((other) => other !== name);
  };
  const ordered = inOrder([...byName.keys()], needs);
  if ("order" in ordered) return ordered.order.flatMap((name) => byName.get(name) ?? []);
  problems.add("stacks", "", `depend on each other in a circle: ${ordered.cycle.join(" → ")}`);
  return sources;
}
