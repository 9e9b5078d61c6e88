/** Resolves one stack, resource by resource, in the order of their dependencies. */
import type { Json, JsonObject } from "@stepwell/core";
import type { AwsIdentity } from "@stepwell/engine";
import type { AwsEndpoints } from "./aws-endpoints.ts";
import { type Problems, shown } from "./problem.ts";
import { withDynamicValues } from "./resolve/dynamic-references.ts";
import { resolveCondition, resolveValue } from "./resolve/intrinsics.ts";
import { inOrder } from "./resolve/order.ts";
import { pseudoParameters } from "./resolve/pseudo-parameters.ts";
import { referencesOf } from "./resolve/references.ts";
import type { ResourceValues, Scope } from "./resolve/scope.ts";
import { RESOURCE_KINDS } from "./resources/index.ts";
import { physicalName } from "./resources/physical-name.ts";
import { customKind, isCustom, nameOnlyKind } from "./resources/recorded-types.ts";
import type { PlanContext, PlannedResource, ResourceKind } from "./resources/resource-kind.ts";
import type { ResourceRecord } from "./stack-record.ts";
import type { StackSource } from "./stack-source.ts";
import type { Bound, ParameterDeclaration, ResourceDeclaration } from "./template/template.ts";

/** What all stacks of one deployment share. */
export interface DeployWorld {
  readonly identity: AwsIdentity;
  readonly endpoints: AwsEndpoints;
  /** Types that shall be no more than names. */
  readonly nameOnly: ReadonlySet<string>;
  /** Of all stacks: deployed before, or planned (then applied) in this deployment. */
  readonly exports: ReadonlyMap<string, Json>;
  readonly outputs: ReadonlyMap<string, Readonly<Record<string, Json>>>;
  /** Of a parameter of SSM that a stack deployed before has made. */
  parameterValue(name: string): Json | undefined;
}

const LAYER = "AWS::Lambda::LayerVersion";
const SSM_PARAMETER = "AWS::SSM::Parameter";

export class StackResolver {
  readonly source: StackSource;
  /** Logical ids whose conditions hold. */
  readonly order: readonly string[];
  readonly #world: DeployWorld;
  readonly #problems: Problems;
  readonly #warn: (message: string) => void;
  readonly #values = new Map<string, ResourceValues>();
  readonly #layers = new Map<string, Json>();
  /** Values of this stack's own, by name. */
  readonly #ssmParameters = new Map<string, Json>();
  readonly #conditions = new Map<string, boolean>();
  readonly #deciding = new Set<string>();
  readonly #parameters: ReadonlyMap<string, Json>;
  readonly #absent = new Set<string>();

  constructor(source: StackSource, world: DeployWorld, problems: Problems, warn: (message: string) => void) {
    this.source = source;
    this.#world = world;
    this.#problems = problems;
    this.#warn = warn;
    this.#parameters = this.#readParameters();
    const elsewhere = otherEnvironment(source.environment, world.identity);
    if (elsewhere !== undefined) warn(elsewhere);
    for (const name of Object.keys(source.template.conditions)) this.#condition(name);
    for (const { logicalId, condition, pointer } of source.template.resources.values()) {
      if (condition !== undefined && !this.#named(condition, `${pointer}/Condition`)) this.#absent.add(logicalId);
    }
    this.order = this.#order();
  }

  declaration(logicalId: string): ResourceDeclaration {
    return this.source.template.resources.get(logicalId) as ResourceDeclaration;
  }

  /** Problems of the resource are told; what comes back then is of no use. */
  async plan(logicalId: string, previous: ResourceRecord | undefined): Promise<PlannedResource | undefined> {
    const declaration = this.declaration(logicalId);
    const pointer = `${declaration.pointer}/Properties`;
    const problem = (path: string, message: string): void =>
      this.#problem(path === "" ? pointer : `${pointer}/${path}`, message);
    const kind = this.#kindOf(declaration);
    if (kind === undefined) return undefined;
    const given = kind.ignoresProperties === true ? {} : this.#properties(logicalId);
    const properties = kind.takesValues === false ? given : await this.#withDynamicValues(given, problem);
    const context: PlanContext = {
      stackName: this.source.stackName,
      declaration,
      properties,
      identity: this.#world.identity,
      previous: previous?.type === declaration.type ? previous : undefined,
      code: this.source.code,
      endpoints: this.#world.endpoints,
      name: (given, rule) => {
        if (typeof given === "string" && given !== "") return given;
        if (typeof given === "number") return String(given);
        if (given !== undefined && given !== null && given !== "")
          problem("", `a name must be a text, got ${shown(given)}`);
        return physicalName(this.source.stackName, logicalId, rule);
      },
      layerContent: (arn) => this.#layers.get(arn),
      problem,
      warn: (message) => this.#warn(message),
    };
    const planned = await kind.plan(context);
    if (declaration.type === SSM_PARAMETER)
      this.#ssmParameters.set(planned.physicalId, planned.attributes["Value"] ?? "");
    const content = declaration.type === LAYER ? (properties["Content"] ?? properties["ContentUri"]) : undefined;
    if (content !== undefined) this.#layers.set(planned.reference, content);
    return planned;
  }

  async #withDynamicValues(properties: JsonObject, problem: PlanContext["problem"]): Promise<JsonObject> {
    const { endpoints, parameterValue } = this.#world;
    const resolved = await withDynamicValues(properties, {
      parameter: (name) => this.#ssmParameters.get(name) ?? parameterValue(name),
      call: (service) =>
        endpoints.of(service) === undefined ? undefined : (action, input) => endpoints.call(service, action, input),
      problem,
    });
    return resolved as JsonObject;
  }

  #properties(logicalId: string): JsonObject {
    const { properties, pointer } = this.declaration(logicalId);
    return resolveValue(properties, this.#scope(), `${pointer}/Properties`) as JsonObject;
  }

  /** What later resources see of one. */
  setValues(logicalId: string, values: ResourceValues): void {
    this.#values.set(logicalId, values);
  }

  /** Outputs by name, and those of them that are exported by the names they are exported with. */
  outputs(): {
    readonly outputs: Readonly<Record<string, Json>>;
    readonly exports: Readonly<Record<string, Json>>;
  } {
    const outputs: [string, Json][] = [];
    const exports: [string, Json][] = [];
    for (const { name, value, exportName, condition } of this.source.template.outputs) {
      const pointer = `/Outputs/${name}`;
      if (condition !== undefined && !this.#named(condition, `${pointer}/Condition`)) continue;
      const resolved = resolveValue(value, this.#scope(), `${pointer}/Value`) ?? "";
      outputs.push([name, resolved]);
      if (exportName === undefined) continue;
      exports.push([String(resolveValue(exportName, this.#scope(), `${pointer}/Export/Name`)), resolved]);
    }
    return { outputs: Object.fromEntries(outputs), exports: Object.fromEntries(exports) };
  }

  /** Names of exports, and `<stack>.` for outputs, that the stack's values come from. */
  imports(): readonly string[] {
    const { template } = this.source;
    const all = [...template.resources.values()].map(({ properties }) => properties as Json);
    const found = referencesOf([...all, ...template.outputs.map(({ value }) => value)]);
    return [...found.imports, ...[...found.stacks].map((stack) => `${stack}.`)];
  }

  #kindOf({ type, pointer, properties }: ResourceDeclaration): ResourceKind | undefined {
    const kind = this.#world.nameOnly.has(type) ? nameOnlyKind : RESOURCE_KINDS.get(type);
    if (kind !== undefined) return kind;
    if (isCustom(type) && properties["ServiceToken"] !== undefined) return customKind;
    const hint = `--name-only ${type} makes it no more than a name`;
    this.#problem(`${pointer}/Type`, `the resource type ${type} is not supported (${hint})`);
    return undefined;
  }

  #order(): readonly string[] {
    const { resources } = this.source.template;
    const present = [...resources.keys()].filter((logicalId) => !this.#absent.has(logicalId));
    const needs = (logicalId: string): Iterable<string> => {
      const { properties, dependsOn } = this.declaration(logicalId);
      return [...dependsOn, ...referencesOf(properties).names];
    };
    for (const logicalId of present) {
      const { dependsOn, pointer } = this.declaration(logicalId);
      for (const name of dependsOn)
        if (!resources.has(name)) this.#problem(`${pointer}/DependsOn`, `there is no resource ${shown(name)}`);
    }
    const ordered = inOrder(present, needs);
    if ("order" in ordered) return ordered.order;
    this.#problem("/Resources", `the resources depend on each other in a circle: ${ordered.cycle.join(" → ")}`);
    return [];
  }

  #condition(name: string): boolean | undefined {
    const known = this.#conditions.get(name);
    if (known !== undefined) return known;
    const { conditions } = this.source.template;
    if (!Object.hasOwn(conditions, name)) return undefined;
    if (this.#deciding.has(name)) {
      this.#problem(`/Conditions/${name}`, `the condition ${name} depends on itself`);
      return false;
    }
    this.#deciding.add(name);
    const truth = resolveCondition(conditions[name] as Json, this.#scope(), `/Conditions/${name}`);
    this.#deciding.delete(name);
    this.#conditions.set(name, truth);
    return truth;
  }

  #named(name: string, pointer: string): boolean {
    const truth = this.#condition(name);
    if (truth === undefined) this.#problem(pointer, `there is no condition ${shown(name)}`);
    return truth ?? false;
  }

  #scope(): Scope {
    const { stackName, template } = this.source;
    return {
      stackName,
      parameters: this.#parameters,
      mappings: template.mappings,
      condition: (name) => this.#condition(name),
      resource: (logicalId) => {
        if (this.#absent.has(logicalId)) return "absent";
        const values = this.#values.get(logicalId);
        // Declared, but wrong itself: that was told.
        if (values === undefined && template.resources.has(logicalId)) return { reference: "", attributes: UNKNOWN };
        return values;
      },
      importValue: (name) => this.#world.exports.get(name),
      stackOutput: (stack, output) => {
        const outputs = this.#world.outputs.get(stack);
        return outputs !== undefined && Object.hasOwn(outputs, output) ? outputs[output] : undefined;
      },
      problem: (pointer, message) => this.#problem(pointer, message),
    };
  }

  #readParameters(): ReadonlyMap<string, Json> {
    const { template, stackName, parameters: given } = this.source;
    const values = new Map(pseudoParameters(this.#world.identity, stackName));
    for (const { name, type, default: preset, allowedValues, allowedPattern, bounds } of template.parameters.values()) {
      const pointer = `/Parameters/${name}`;
      const value = given.get(name) ?? preset;
      if (value === undefined) {
        this.#problem(pointer, `the parameter ${name} has no value: --parameter ${name}=…`);
        continue;
      }
      if (allowedValues !== undefined && !allowedValues.some((allowed) => String(allowed) === String(value)))
        this.#problem(pointer, `must be one of ${shown(allowedValues)}, got ${shown(value)}`);
      if (allowedPattern !== undefined && !matches(allowedPattern, String(value)))
        this.#problem(pointer, `must match ${allowedPattern}, got ${shown(value)}`);
      for (const wrong of boundsProblems(type, value, bounds)) this.#problem(pointer, wrong);
      // The version of the CDK's bootstrap stack is asked for by a rule only.
      if (type.startsWith("AWS::SSM::Parameter") && name !== "BootstrapVersion")
        this.#warn(`the parameter ${name} stays ${shown(value)}: SSM is not asked`);
      values.set(name, /List|CommaDelimited/.test(type) && typeof value === "string" ? value.split(",") : value);
    }
    return values;
  }

  #problem(pointer: string, message: string): void {
    this.#problems.add(this.source.template.document.placeOf(pointer), pointer, message);
  }
}

/** Names that were made at synthesis hold the assembly's own account and region. */
function otherEnvironment(environment: string | undefined, identity: AwsIdentity): string | undefined {
  const [, account = "", region = ""] = /^aws:\/\/([^/]+)\/([^/]+)$/.exec(environment ?? "") ?? [];
  const differs = (given: string, own: string): boolean =>
    given !== "" && !given.startsWith("unknown-") && given !== own;
  if (!differs(account, identity.accountId) && !differs(region, identity.region)) return undefined;
  const own = `${identity.accountId}/${identity.region}`;
  return `the stack is synthesized for ${account}/${region}, here is ${own}: names that were written out at synthesis are of the other (account and region in stepwell.yaml)`;
}

/** Whatever is asked of a resource that is wrong itself: one mistake is told once. */
const UNKNOWN: Readonly<Record<string, Json>> = new Proxy(
  {},
  {
    get: () => "",
    getOwnPropertyDescriptor: () => ({ value: "", configurable: true, enumerable: true, writable: true }),
  },
);

function boundsProblems(type: string, value: Json, bounds: ParameterDeclaration["bounds"]): string[] {
  if (type === "Number" && !Number.isFinite(Number(value))) return [`must be a number, got ${shown(value)}`];
  const size = { MinValue: Number(value), MaxValue: Number(value) };
  const length = String(value).length;
  const measured = { ...size, MinLength: length, MaxLength: length };
  return Object.entries(bounds).flatMap(([name, bound]) => {
    const given = measured[name as Bound];
    const isMet = name.startsWith("Min") ? given >= bound : given <= bound;
    const least = name.startsWith("Min") ? "at least" : "at most";
    const rule = name.endsWith("Length") ? `have ${least} ${bound} characters` : `be ${least} ${bound}`;
    return isMet ? [] : [`must ${rule}, got ${shown(value)}`];
  });
}

function matches(pattern: string, value: string): boolean {
  try {
    return value.length > VALUE_LENGTH_MAX || new RegExp(`^(?:${pattern})$`, "u").test(value);
  } catch {
    // A pattern of Java's that JavaScript does not know is not held against the value.
    return true;
  }
}

const VALUE_LENGTH_MAX = 4_096;
