/** Runs the call of a case with our library: from its tree, and from its TypeScript. */
import { stripTypeScriptTypes } from "node:module";
import { type Chain, Duration, iam, Stack, StateMachine, type StateMachineProps, sfn } from "@stepwell/authoring";
import type { CaseJson, CdkCase } from "./cdk-case.ts";
import { MODULES } from "./cdk-modules.ts";

type Fixtures = { readonly [name: string]: unknown };

export interface Emitted {
  readonly definition: { readonly [name: string]: CaseJson };
  readonly properties: { readonly [name: string]: CaseJson };
  /** What roles were given by `grant…`: (action, resource). */
  readonly granted: readonly string[];
}

/** The machine around what the tree of a case makes; undefined where the case has no tree. */
export function emitFromTree(given: CdkCase, fixtures: Fixtures): Emitted | undefined {
  if (given.call === undefined) return undefined;
  const scope = new Stack("Stack");
  return emit(valueIn(given.call, { scope, fixtures, helpers: helpersOf(given) }), scope, given);
}

/** The machine around what the TypeScript of a case makes. */
export function emitFromText(given: CdkCase, fixtures: Fixtures): Emitted {
  const scope = new Stack("Stack");
  const run = evaluate(`(s, f) => {\n${given.props}\n}`) as (s: Stack, f: Fixtures) => unknown;
  return emit(run(scope, fixtures), scope, given);
}

function emit(made: unknown, scope: Stack, { stateMachineProps = {} }: CdkCase): Emitted {
  const machine = StateMachine.isStateMachine(made)
    ? made
    : new StateMachine(scope, "SM", {
        ...machineProps(stateMachineProps),
        definitionBody: sfn.DefinitionBody.fromChainable(made as Chain),
      });
  const roles = scope.node.descendants().filter((construct) => construct instanceof iam.Role);
  const granted = roles.flatMap(({ statements }) => statements.flatMap(pairsOf)).sort();
  return { definition: machine.definition, properties: machine.properties, granted } as Emitted;
}

/** Each action of a statement with each of its resources. */
export function pairsOf(statement: {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}): string[] {
  return statement.actions.flatMap((action) => statement.resources.map((resource) => `${action} ${resource}`));
}

function machineProps(props: { readonly [name: string]: CaseJson }): StateMachineProps {
  const entries = Object.entries(props).map(([name, value]) => [
    name,
    isSeconds(value) ? Duration.seconds(value.$seconds) : value,
  ]);
  return Object.fromEntries(entries) as StateMachineProps;
}

function isSeconds(value: unknown): value is { readonly $seconds: number } {
  return typeof value === "object" && value !== null && "$seconds" in value;
}

/** What a node of a tree may refer to. */
interface Names {
  readonly scope: Stack;
  readonly fixtures: Fixtures;
  /** The constants that a case defines before its call. */
  readonly helpers: string;
}

function helpersOf({ props }: CdkCase): string {
  return props.slice(0, Math.max(0, props.search(/^return /m)));
}

function evaluate(code: string, helpers: string = ""): unknown {
  const script = stripTypeScriptTypes(`${helpers}\nconst value = ${code};`);
  return new Function(...Object.keys(MODULES), `${script}\nreturn value;`)(...Object.values(MODULES));
}

function valueIn(node: CaseJson, names: Names): unknown {
  if (typeof node !== "object" || node === null) return node;
  if (Array.isArray(node)) return node.map((member: CaseJson) => valueIn(member, names));
  const tree = node as { readonly [key: string]: CaseJson };
  const args = (): unknown[] => ((tree["args"] ?? []) as readonly CaseJson[]).map((arg) => valueIn(arg, names));
  if (tree["$scope"] === true) return names.scope;
  if (typeof tree["$fixture"] === "string") return at(names.fixtures, tree["$fixture"]);
  if (typeof tree["$new"] === "string")
    return Reflect.construct(evaluate(tree["$new"], names.helpers) as never, args());
  if (typeof tree["$call"] === "string") return call(tree["$call"], ownerOf(tree, names), args());
  for (const kind of ["$get", "$code", "$var"]) {
    if (typeof tree[kind] === "string") return evaluate(tree[kind], names.helpers);
  }
  return Object.fromEntries(Object.entries(tree).map(([key, member]) => [key, valueIn(member, names)]));
}

/** Whose method a call is: what the tree says, the module or class before the last dot, or nobody's. */
function ownerOf(tree: { readonly [key: string]: CaseJson }, names: Names): unknown {
  if (tree["on"] !== undefined) return valueIn(tree["on"], names);
  const parts = String(tree["$call"]).split(".");
  const owner = parts.slice(0, -1).join(".");
  return owner === "" ? { [parts[0] ?? ""]: evaluate(parts[0] ?? "", names.helpers) } : evaluate(owner, names.helpers);
}

function call(path: string, owner: unknown, args: readonly unknown[]): unknown {
  const method = (owner as { readonly [name: string]: unknown })[path.split(".").at(-1) ?? ""];
  return Reflect.apply(method as never, owner, args);
}

function at(root: unknown, path: string): unknown {
  return path.split(".").reduce((value, name) => (value as { readonly [name: string]: unknown })[name], root);
}
