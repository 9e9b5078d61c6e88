/** The state machines of a CloudFormation or SAM template, or of cdk.out, as definitions: as `stepwell deploy` would make them. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_IDENTITY } from "@stepwell/engine";
import { AwsEndpoints } from "../deploy/aws-endpoints.ts";
import { Problems } from "../deploy/problem.ts";
import { readSources } from "../deploy/read-sources.ts";
import { type DeployWorld, StackResolver } from "../deploy/stack-resolver.ts";
import { UsageError } from "../usage-error.ts";
import { CONVERSIONS } from "./conversions.ts";
import type { ConvertedFile, Converter, ConvertOptions, ConvertSource } from "./converter.ts";

const STATE_MACHINE = "AWS::StepFunctions::StateMachine";

export const templateToDefinitions: Converter = {
  ...CONVERSIONS.templateToDefinitions,
  accepts: ({ path, text, value }) =>
    text === undefined
      ? ["manifest.json", "template.yaml", "template.yml", "template.json"].some((name) => existsSync(join(path, name)))
      : typeof value === "object" && value !== null && "Resources" in value,
  convert: definitionsOf,
};

async function definitionsOf(source: ConvertSource, options: ConvertOptions): Promise<readonly ConvertedFile[]> {
  const problems = new Problems();
  const { parameters, stacks, warn } = options;
  const sources = await readSources([source.path], { only: stacks, parameters, machine: {} }, problems);
  const endpoints = new AwsEndpoints({ env: {} });
  const exports = new Map();
  const outputs = new Map();
  const world: DeployWorld = {
    identity: DEFAULT_IDENTITY,
    endpoints,
    nameOnly: new Set(),
    exports,
    outputs,
    parameterValue: () => undefined,
  };
  const files: ConvertedFile[] = [];
  for (const stack of sources) {
    const resolver = new StackResolver(stack, world, problems, warn);
    for (const logicalId of resolver.order) {
      const planned = await resolver.plan(logicalId, undefined);
      if (planned === undefined) continue;
      resolver.setValues(logicalId, planned);
      if (resolver.declaration(logicalId).type !== STATE_MACHINE) continue;
      const { definition } = planned.desired as { readonly definition: string };
      files.push({ name: `${stack.stackName}-${logicalId}.asl.json`, text: pretty(definition) });
    }
    const made = resolver.outputs();
    outputs.set(stack.stackName, made.outputs);
    for (const [name, value] of Object.entries(made.exports)) exports.set(name, value);
  }
  if (problems.list.length > 0) {
    const lines = problems.list.map(({ place, pointer, message }) =>
      [place, pointer, message].filter(Boolean).join(": "),
    );
    throw new UsageError(lines.join("\n"));
  }
  if (files.length === 0) throw new UsageError(`${source.path}: has no ${STATE_MACHINE}`);
  return files;
}

function pretty(definition: string): string {
  return definition === "" ? "" : `${JSON.stringify(JSON.parse(definition), null, 2)}\n`;
}
