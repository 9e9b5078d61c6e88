/**
 * How the states of a definition hang together, checked once all of them are read: that targets exist, that every state
 * is one, that a line of states can end, and that names are used once. Wordings and order are AWS's as far as recorded.
 */
import type { DefinitionPath, Findings } from "./findings.ts";
import type { StateSite } from "./parse-context.ts";

interface Reference {
  readonly name: string;
  readonly path: DefinitionPath;
}

/** What is noted of one line of states. */
export interface Block {
  readonly path: DefinitionPath;
  /** The number of the block whose variables its states see, if any. */
  readonly outer: number | undefined;
  startAt?: string;
  readonly states: Map<string, DefinitionPath>;
  readonly transitions: Reference[];
  readonly assignments: Reference[];
  hasTerminalState: boolean;
  /** `StartAt` or `States` is missing: nothing can be said of how it hangs together. */
  incomplete: boolean;
  /** Some state is broken in a way that hides where it leads: it cannot be told what is missing. */
  unclear: boolean;
}

export class BlockGraph {
  readonly #blocks: Block[] = [];
  readonly #labels = new Set<string>();
  /** Compiled from a flow: steps may be unreachable, loops without an end, and variables are the execution's. */
  readonly #flow: boolean;

  constructor(flow: boolean) {
    this.#flow = flow;
  }

  /** The block's number. */
  add(path: DefinitionPath, outer: number | undefined): number {
    const block = {
      path,
      outer,
      states: new Map(),
      transitions: [],
      assignments: [],
      hasTerminalState: false,
      incomplete: false,
      unclear: false,
    };
    return this.#blocks.push(block) - 1;
  }

  block(number: number): Block {
    const block = this.#blocks[number];
    if (block === undefined) throw new RangeError(`no block ${number}`);
    return block;
  }

  addTransition(state: StateSite, target: string, path: DefinitionPath): void {
    this.block(state.block).transitions.push({ name: target, path });
  }

  addAssignment(state: StateSite, variable: string, path: DefinitionPath): void {
    this.block(state.block).assignments.push({ name: variable, path });
  }

  addLabel(label: string, path: DefinitionPath, findings: Findings): void {
    if (this.#labels.has(label)) findings.error("DUPLICATE_LABEL_NAME", `Duplicate label: ${label}`, path);
    this.#labels.add(label);
  }

  /** Transitions into states that do not exist, states that nothing leads to, blocks without an end, outer variables assigned. */
  check(findings: Findings): void {
    for (const block of this.#blocks) checkTransitions(block, findings, this.#flow);
    if (!this.#flow) this.#checkVariables(findings);
  }

  #checkVariables(findings: Findings): void {
    const assigned = this.#blocks.map((block) => new Set(block.assignments.map(({ name }) => name)));
    for (const block of this.#blocks) {
      for (const { name, path } of block.assignments) {
        if (this.#assignedOutside(block, name, assigned)) {
          findings.schemaError(
            `The variable '${name}' is assigned in an outer scope and cannot be assigned again`,
            path,
          );
        }
      }
    }
  }

  #assignedOutside(block: Block, name: string, assigned: readonly ReadonlySet<string>[]): boolean {
    for (let at = block.outer; at !== undefined; at = this.block(at).outer) {
      if (assigned[at]?.has(name)) return true;
    }
    return false;
  }
}

function checkTransitions(block: Block, findings: Findings, flow: boolean): void {
  if (block.incomplete) return;
  const references: Reference[] = [...block.transitions];
  if (block.startAt !== undefined) references.unshift({ name: block.startAt, path: [...block.path, "StartAt"] });
  for (const { name, path } of references) {
    // AWS says 'Next' for StartAt and Default as well.
    if (!block.states.has(name)) findings.error("MISSING_TRANSITION_TARGET", `Missing 'Next' target: ${name}`, path);
  }
  if (block.unclear || flow) return;
  if (!block.hasTerminalState) {
    findings.errorWithoutLocation("MISSING_END_STATE", "Workflow has no terminal state", block.path);
    return;
  }
  // A state counts as reachable when anything names it, even a state that is not reachable itself (recorded).
  const named = new Set(references.map((reference) => reference.name));
  for (const [name, path] of block.states) {
    if (!named.has(name)) findings.error("MISSING_TRANSITION_TARGET", `State "${name}" is not reachable.`, path);
  }
}
