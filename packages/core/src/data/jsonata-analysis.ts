/**
 * What an expression refers to, found without evaluating it: workflow variables, members of `$states`, and the
 * references to a context that a state machine does not have.
 *
 * The scopes are JSONata's: a block opens one, a lambda opens one for its parameters, `:=` binds in the innermost, `@` and `#`
 * bind for the steps behind them in a path. A lambda's body may run after everything in the blocks around it, so it sees
 * all their names.
 */
import { library } from "../generated/jsonata-sync.ts";
import type { Frame } from "./jsonata-frame.ts";
import type { JsonataNode, JsonataStage } from "./jsonata-library.ts";

export interface JsonataReferences {
  /** Free variables that are no built-in functions, without `$` and `states`, in order of appearance. */
  readonly variables: readonly string[];
  readonly statesMembers: ReadonlySet<string>;
  /** Names, `$` and `$$` that are read where there is no context item, in order of appearance. */
  readonly contextReferences: readonly string[];
}

/** `functions`: the frame of the functions that exist. */
export function referencesOf(expression: JsonataNode, functions: Frame = library.staticFrame): JsonataReferences {
  const walk = new ReferenceWalk(functions);
  walk.visit(expression, new Scope(undefined, boundIn(expression)), true);
  return {
    variables: [...walk.variables],
    statesMembers: walk.statesMembers,
    contextReferences: [...walk.contextReferences],
  };
}

class Scope {
  readonly #outer: Scope | undefined;
  readonly #bound: Set<string> = new Set();
  /** Names that are bound in this scope sooner or later. */
  readonly #eventually: ReadonlySet<string>;

  constructor(outer: Scope | undefined, eventually: ReadonlySet<string> = new Set()) {
    this.#outer = outer;
    this.#eventually = eventually;
  }

  bind(name: string): void {
    this.#bound.add(name);
  }

  has(name: string): boolean {
    return this.#bound.has(name) || (this.#outer?.has(name) ?? false);
  }

  /** This scope as the body of a lambda sees it. */
  complete(): Scope {
    const complete = new Scope(this.#outer?.complete());
    for (const name of [...this.#bound, ...this.#eventually]) complete.bind(name);
    return complete;
  }
}

class ReferenceWalk {
  readonly variables: Set<string> = new Set();
  readonly statesMembers: Set<string> = new Set();
  readonly contextReferences: Set<string> = new Set();
  readonly #functions: Frame;

  constructor(functions: Frame) {
    this.#functions = functions;
  }

  /** `atTop`: the node is evaluated without a context item. Returns the names that a path in it binds for the steps behind. */
  visit(node: JsonataNode, scope: Scope, atTop: boolean): readonly string[] {
    const carried = this.#visitKind(node, scope, atTop);
    this.#visitStages(node.predicate, scope);
    if (node.type !== "path") this.#visitGroup(node, scope, false);
    return carried;
  }

  #visitKind(node: JsonataNode, scope: Scope, atTop: boolean): readonly string[] {
    switch (node.type) {
      case "path":
        return this.#visitPath(node, scope, atTop);
      case "name":
        if (atTop) this.contextReferences.add(String(node.value));
        return [];
      case "variable":
        this.#visitVariable(String(node.value), scope, atTop);
        return [];
      case "block":
        return this.#visitBlock(node, scope, atTop);
      case "bind":
        this.visit(node.rhs!, scope, atTop);
        scope.bind(String((node.lhs as JsonataNode).value));
        return [];
      case "lambda":
        this.#visitLambda(node, scope, atTop);
        return [];
      case "transform":
        for (const part of [node.pattern, node.update, node.delete])
          if (part) this.visit(part, scope.complete(), false);
        return [];
      case "sort":
        for (const { expression } of node.terms ?? []) this.visit(expression, scope, false);
        return [];
      default:
        this.#visitChildren(node, scope, atTop);
        return [];
    }
  }

  #visitVariable(name: string, scope: Scope, atTop: boolean): void {
    if (name === "$") this.contextReferences.add("$$");
    else if (name === "") {
      if (atTop) this.contextReferences.add("$");
    } else if (name !== "states" && !scope.has(name) && this.#functions.lookup(name) === undefined) {
      this.variables.add(name);
    }
  }

  #visitPath(path: JsonataNode, scope: Scope, atTop: boolean): readonly string[] {
    const steps = path.steps!;
    const inside = new Scope(scope);
    const carried: string[] = [];
    steps.forEach((step, index) => {
      const names = [...this.visit(step, inside, atTop && index === 0), step.focus, step.index];
      for (const name of names) if (name !== undefined) carried.push(name);
      for (const name of carried) inside.bind(name);
      carried.push(...this.#visitStages(step.stages, inside));
    });
    this.#visitStatesMember(steps, scope);
    this.#visitGroup(path, inside, false);
    return carried;
  }

  #visitStatesMember([first, second]: readonly JsonataNode[], scope: Scope): void {
    const isStates = first?.type === "variable" && first.value === "states" && !scope.has("states");
    if (isStates && second?.type === "name") this.statesMembers.add(String(second.value));
  }

  #visitStages(stages: readonly JsonataStage[] | undefined, scope: Scope): string[] {
    const names: string[] = [];
    for (const { type, expr, value } of stages ?? []) {
      if (type === "filter" && expr) this.visit(expr, scope, false);
      else if (value !== undefined) {
        scope.bind(value);
        names.push(value);
      }
    }
    return names;
  }

  #visitGroup({ group }: JsonataNode, scope: Scope, atTop: boolean): void {
    for (const [key, value] of group?.lhs ?? []) {
      this.visit(key, scope, atTop);
      this.visit(value, scope, atTop);
    }
  }

  #visitBlock(block: JsonataNode, scope: Scope, atTop: boolean): readonly string[] {
    const expressions = block.expressions ?? [];
    const inside = new Scope(scope, new Set(expressions.flatMap((part) => [...boundIn(part)])));
    return expressions.map((part) => this.visit(part, inside, atTop)).at(-1) ?? [];
  }

  #visitLambda(lambda: JsonataNode, scope: Scope, atTop: boolean): void {
    // A thunk is a tail call in disguise, not a function of the expression's author.
    const inside = new Scope(lambda.thunk === true ? scope : scope.complete(), boundIn(lambda.body!));
    for (const parameter of lambda.arguments ?? []) inside.bind(String(parameter.value));
    this.visit(lambda.body!, inside, atTop);
  }

  #visitChildren(node: JsonataNode, scope: Scope, atTop: boolean): void {
    // In the order in which they are written.
    const { procedure, lhs, rhs, condition, then, else: otherwise, expression } = node;
    if (procedure) this.visit(procedure, scope, atTop);
    if (Array.isArray(lhs)) this.#visitGroup({ type: "group", group: { lhs } }, scope, atTop);
    else if (lhs) this.visit(lhs as JsonataNode, scope, atTop);
    for (const child of [rhs, condition, then, otherwise, expression]) if (child) this.visit(child, scope, atTop);
    for (const child of [...(node.expressions ?? []), ...(node.arguments ?? [])]) this.visit(child, scope, atTop);
  }
}

/** Names that `:=` binds in the scope a node is evaluated in: not those of blocks and lambdas below it. */
function boundIn(node: JsonataNode): Set<string> {
  if (node.type === "block" || (node.type === "lambda" && node.thunk !== true)) return new Set();
  const names = new Set<string>();
  if (node.type === "bind") names.add(String((node.lhs as JsonataNode).value));
  for (const child of childrenOf(node)) for (const name of boundIn(child)) names.add(name);
  return names;
}

function childrenOf(node: JsonataNode): JsonataNode[] {
  const { lhs, rhs, procedure, body, condition, then, expression } = node;
  const operands = Array.isArray(lhs) ? lhs.flat() : [lhs as JsonataNode | undefined];
  const stages = [...(node.stages ?? []), ...(node.predicate ?? [])].map(({ expr }) => expr);
  const lists = [node.steps, node.expressions, node.arguments, node.group?.lhs.flat()].flatMap((list) => list ?? []);
  const single = [rhs, procedure, body, condition, then, node.else, expression];
  return [...operands, ...single, ...stages, ...lists].filter((child) => child !== undefined);
}
