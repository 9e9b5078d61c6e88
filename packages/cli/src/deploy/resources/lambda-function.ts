/** AWS::Lambda::Function: code that runs here, in Node, Python or as a program of its own. */
import type { FunctionConfig, HandlerFunctionConfig } from "@stepwell/connectors";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import { brokenRules } from "../../config/validate-config.ts";
import { type CodeBundle, inlineBundle } from "../code/code-bundle.ts";
import { findHandler, type Handler } from "../code/handler.ts";
import { layeredHandler, withLayers } from "../code/layers.ts";
import { shown } from "../problem.ts";
import type { PlanContext, PlannedResource, ResourceKind } from "./resource-kind.ts";

/** Lambda's own defaults. */
const TIMEOUT_SECONDS = 3;
const NAME_LENGTH_MAX = 64;

export const lambdaFunction: ResourceKind = {
  async plan(context): Promise<PlannedResource> {
    const { properties, identity } = context;
    const name = context.name(properties["FunctionName"], { lengthMax: NAME_LENGTH_MAX });
    const arn = `arn:${identity.partition}:lambda:${identity.region}:${identity.accountId}:function:${name}`;
    const values = { reference: name, attributes: { Arn: arn } };
    const runtime = String(properties["Runtime"] ?? "");
    const family = familyOf(runtime);
    if (properties["PackageType"] === "Image" || family === undefined) {
      const what = properties["PackageType"] === "Image" ? "a container image" : `the runtime ${shown(runtime)}`;
      context.warn(`${what} is not run here: map the function ${name} under functions: in stepwell.yaml`);
      return { ...values, physicalId: name, desired: { name }, where: "a name only" };
    }
    const code = await bundleOf(context, family);
    const found = code === undefined ? undefined : handlerOf(context, family, code);
    const { bundle, handler } = await layered(context, family, code, found);
    const settings = settingsOf(context);
    checkConfig(context, name, handler, family, settings);
    const desired = { name, family, settings, code: bundle?.hash ?? "", handler: handler?.file ?? "" } as Json;
    return {
      ...values,
      physicalId: name,
      desired: { ...(desired as JsonObject), exportName: handler?.exportName ?? "" },
      where: `local ${family === "program" ? "program" : family}`,
      async apply({ local }) {
        if (bundle === undefined || handler === undefined) throw new Error("the code must have been found");
        const manifest = packageJson(bundle, family, handler.file.startsWith("code/") ? "code/" : "");
        const directory = await local.installCode(name, bundle, { ...manifest, ...handler.shims });
        await local.setFunction(name, configOf(directory, handler, family, settings));
        return undefined;
      },
    };
  },
  async remove({ physicalId }, { local }) {
    await local.removeFunction(physicalId);
  },
};

type Family = "node" | "python" | "program";

function familyOf(runtime: string): Family | undefined {
  if (/^nodejs(\d+\.x)?$/.test(runtime)) return "node";
  if (/^python3\.\d+$/.test(runtime)) return "python";
  return /^provided(\.al\d+)?$/.test(runtime) ? "program" : undefined;
}

async function bundleOf(context: PlanContext, family: Family): Promise<CodeBundle | undefined> {
  const code = context.properties["Code"];
  const inline = isJsonObject(code) ? code["ZipFile"] : undefined;
  if (inline !== undefined) {
    if (typeof inline === "string" && family !== "program")
      return inlineBundle(family === "node" ? "index.js" : "index.py", inline);
    context.problem("Code/ZipFile", "must be the source of a Node or Python function");
    return undefined;
  }
  try {
    return await context.code.bundle(code ?? null);
  } catch (error) {
    context.problem("Code", (error as Error).message);
    return undefined;
  }
}

function handlerOf(context: PlanContext, family: Family, bundle: CodeBundle): Handler | undefined {
  if (family === "program") {
    if (bundle.files.has("bootstrap")) return { file: "bootstrap", exportName: "", shims: {} };
    context.problem("Code", "must have a file bootstrap");
    return undefined;
  }
  const text = context.properties["Handler"];
  const found = typeof text === "string" ? findHandler(text, family, bundle.files) : undefined;
  if (found === undefined || "problem" in found) {
    context.problem("Handler", found?.problem ?? `must be the name of a handler, got ${shown(text)}`);
    return undefined;
  }
  return found;
}

/** With the layers that are in this stack; others are named. */
async function layered(
  context: PlanContext,
  family: Family,
  bundle: CodeBundle | undefined,
  handler: Handler | undefined,
): Promise<{ readonly bundle?: CodeBundle | undefined; readonly handler?: Handler | undefined }> {
  const layers = context.properties["Layers"];
  if (!isJsonArray(layers ?? null) || (layers as readonly Json[]).length === 0) return { bundle, handler };
  const bundles: CodeBundle[] = [];
  for (const [index, layer] of (layers as readonly Json[]).entries()) {
    const content = context.layerContent(String(layer));
    if (content === undefined || family === "program") {
      context.warn(`the layer ${shown(layer)} of ${context.declaration.logicalId} is not installed`);
      continue;
    }
    try {
      bundles.push(await context.code.bundle(content));
    } catch (error) {
      context.problem(`Layers/${index}`, (error as Error).message);
    }
  }
  if (bundles.length === 0 || bundle === undefined || handler === undefined || family === "program")
    return { bundle, handler };
  return { bundle: withLayers(bundle, bundles, family), handler: layeredHandler(handler, family) };
}

function settingsOf(context: PlanContext): Omit<HandlerFunctionConfig, "handler"> {
  const { Environment, Timeout, MemorySize, ReservedConcurrentExecutions } = context.properties;
  const variables = isJsonObject(Environment) ? Environment["Variables"] : undefined;
  const own = Object.entries(isJsonObject(variables) ? variables : {});
  for (const [name, value] of own) {
    if (isJsonArray(value) || isJsonObject(value) || value === null)
      context.problem(`Environment/Variables/${name}`, `must be a text, got ${shown(value)}`);
  }
  const env = { ...context.endpoints.variables(), ...Object.fromEntries(own.map(([name, v]) => [name, String(v)])) };
  const wholeNumber = (name: string, value: Json | undefined, least: number): number | undefined => {
    const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
    if (number === undefined || (typeof number === "number" && Number.isInteger(number) && number >= least))
      return number;
    context.problem(name, `must be a whole number of at least ${least}, got ${shown(value)}`);
    return undefined;
  };
  const memoryMb = wholeNumber("MemorySize", MemorySize, 128);
  const concurrency = wholeNumber("ReservedConcurrentExecutions", ReservedConcurrentExecutions, 1);
  return {
    ...(Object.keys(env).length === 0 ? {} : { env }),
    timeoutSeconds: wholeNumber("Timeout", Timeout, 1) ?? TIMEOUT_SECONDS,
    ...(memoryMb === undefined ? {} : { memoryMb }),
    ...(concurrency === undefined ? {} : { concurrency: Math.min(concurrency, 1_000) }),
  };
}

/** By the rules of stepwell.yaml: what the service would not take is told before. */
function checkConfig(
  { problem }: PlanContext,
  name: string,
  handler: Handler | undefined,
  family: Family,
  settings: Omit<HandlerFunctionConfig, "handler">,
): void {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name))
    problem("FunctionName", `must be 1 to 64 letters, digits, - or _, got ${shown(name)}`);
  else if (handler !== undefined) {
    const config = configOf("functions", handler, family, settings);
    for (const { pointer, message } of brokenRules({ functions: { [name]: config } }))
      problem("", `${pointer}: ${message}`);
  }
}

/** Without one the nearest `package.json` above the data directory would decide what a `.js` file is. */
function packageJson(bundle: CodeBundle, family: Family, folder: string): Readonly<Record<string, string>> {
  return family === "node" && !bundle.files.has("package.json") ? { [`${folder}package.json`]: "{}\n" } : {};
}

function configOf(
  directory: string,
  { file, exportName }: Handler,
  family: Family,
  settings: Omit<HandlerFunctionConfig, "handler">,
): FunctionConfig {
  const path = `${directory}/${file}`;
  if (family === "program") return { command: [path], ...settings };
  return { handler: `${path}${family === "node" ? "#" : ":"}${exportName}`, ...settings };
}
