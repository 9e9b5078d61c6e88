/** StartExecution and StartSyncExecution. */
import type { EpochMs, ExecutionStart, ForkOrigin } from "@stepwell/core";
import type { ResolvedMachine } from "../catalog/resolved-machine.ts";
import { CommitConflict, type EndRecord, type StoredExecution } from "../ports/store.ts";
import { StoreUnavailable } from "../rejection.ts";
import { describeEnded, describeStored } from "./description.ts";
import type { ExecutionPorts } from "./engine-options.ts";
import { executionArnOf } from "./execution-arn.ts";
import type { ExecutionLoop } from "./execution-loop.ts";
import type { ExecutionDescription, StartRequest } from "./executions.ts";
import { type DecisionContext, LiveExecution } from "./live-execution.ts";
import { alreadyExists, invalidInput } from "./refusals.ts";

interface Named {
  readonly executionArn: string;
  readonly executionName: string;
  /** By the caller: there may be one of this name. Express executions always differ. */
  readonly isGiven: boolean;
}

export interface Begun {
  readonly executionArn: string;
  readonly startDate: EpochMs;
}

/** How often the store is asked for the end of an execution somebody waits for. */
const ELSEWHERE_MS = 1_000;
/** How often a start is tried that meets another one of its name. */
const TRIES_MAX = 5;
/** Names are made until one belongs to an execution of this process; when it owns next to nothing, any will do. */
const NAMES_MAX = 1_000;

export class ExecutionStarts {
  readonly #ports: Pick<ExecutionPorts, "store" | "machines" | "ids" | "clock" | "cluster">;
  readonly #loop: ExecutionLoop;
  readonly #context: DecisionContext;
  /** Starts under way by ARN: a second of the same name waits for the first. */
  readonly #starting = new Map<string, Promise<unknown>>();
  /** Who waits for the end of an execution. */
  readonly #awaited = new Map<string, (live: LiveExecution, end: EndRecord) => void>();

  constructor(
    ports: Pick<ExecutionPorts, "store" | "machines" | "ids" | "clock" | "cluster">,
    loop: ExecutionLoop,
    context: DecisionContext,
  ) {
    this.#ports = ports;
    this.#loop = loop;
    this.#context = context;
  }

  async start(request: StartRequest): Promise<Begun> {
    const resolved = await this.#resolve(request.stateMachineArn);
    const input = checkedInput(request.input);
    const named = this.#name(request, resolved);
    const begin = (): Promise<LiveExecution> => this.#begin(named, resolved, input, request.traceHeader);
    if (named.isGiven) {
      const isSame = ({ status, start }: StoredExecution): boolean =>
        status === "RUNNING" && sameJson(start.input, input);
      return this.#startOnce(named.executionArn, isSame, begin);
    }
    const live = await begin();
    return { executionArn: named.executionArn, startDate: live.start.startedAt };
  }

  /** Idempotent by name, whether the fork of that name has ended or not: it may have, before its answer came. */
  startFork(given: Omit<ExecutionStart, "startedAt">, { machine, revisionKey }: ResolvedMachine): Promise<Begun> {
    const isSame = ({ start, revisionKey: other }: StoredExecution): boolean =>
      other === revisionKey && sameJson(start.input, given.input) && sameFork(start.forkOf, given.forkOf);
    const begin = (): Promise<LiveExecution> =>
      this.#loop.begin(given.executionArn, machine, (missing) => {
        const facts = this.#context.facts(missing);
        const start = { ...given, startedAt: facts.now };
        return LiveExecution.begin(this.#context, machine, { start, revisionKey }, facts);
      });
    return this.#startOnce(given.executionArn, isSame, begin);
  }

  /** Idempotent by name. features.md C.3. */
  async #startOnce(
    executionArn: string,
    isSame: (existing: StoredExecution) => boolean,
    begin: () => Promise<LiveExecution>,
  ): Promise<Begun> {
    for (let tries = 1; ; tries++) {
      const existing = await this.#existing(executionArn, isSame);
      if (existing !== undefined) return existing;
      const begun = begin();
      // A second of the same name fails at once, and then waits for the first.
      if (!this.#starting.has(executionArn)) this.#starting.set(executionArn, begun);
      try {
        return { executionArn, startDate: (await begun).start.startedAt };
      } catch (error) {
        if (!(error instanceof CommitConflict)) throw error;
        // Only the store knows whether the name is taken: the first may have come to nothing, its process disowned.
        if (tries >= TRIES_MAX) throw new StoreUnavailable(`${executionArn}: another start of it is under way`);
      } finally {
        if (this.#starting.get(executionArn) === begun) this.#starting.delete(executionArn);
      }
    }
  }

  /** The answer to a start whose name is taken: the same again, or a refusal. */
  async #existing(executionArn: string, isSame: (existing: StoredExecution) => boolean): Promise<Begun | undefined> {
    await this.#starting.get(executionArn)?.catch(() => undefined);
    const existing = await this.#ports.store.describe(executionArn);
    if (existing === undefined) return undefined;
    if (!isSame(existing)) throw alreadyExists(executionArn);
    return { executionArn, startDate: existing.start.startedAt };
  }

  /** Resolves when the execution has ended. */
  async startSync(request: StartRequest): Promise<ExecutionDescription> {
    const resolved = await this.#resolve(request.stateMachineArn);
    const input = checkedInput(request.input);
    const named = this.#name(request, resolved);
    const { executionArn } = named;
    const ended = new Promise<ExecutionDescription>((resolve) => {
      this.#awaited.set(executionArn, (live, end) => resolve(describeEnded(live, end)));
    });
    try {
      await this.#begin(named, resolved, input, request.traceHeader);
      return await (this.#ports.cluster === undefined
        ? ended
        : Promise.race([ended, this.#endedElsewhere(executionArn)]));
    } finally {
      this.#awaited.delete(executionArn);
    }
  }

  /** The execution may go to another process before its end: then only the store tells of it. */
  async #endedElsewhere(executionArn: string): Promise<ExecutionDescription> {
    const { clock, store } = this.#ports;
    for (;;) {
      await new Promise<void>((resolve) => void clock.wakeAt(clock.now() + ELSEWHERE_MS, resolve));
      const isAwaited = this.#awaited.has(executionArn);
      const execution = isAwaited ? await store.describe(executionArn) : undefined;
      if (execution !== undefined && execution.status !== "RUNNING") return describeStored(execution, undefined);
      // Nobody listens any more.
      if (!isAwaited) return new Promise(() => undefined);
    }
  }

  /** After the commit of an end. */
  ended(live: LiveExecution, end: EndRecord): void {
    this.#awaited.get(live.executionArn)?.(live, end);
  }

  #resolve(stateMachineArn: string): Promise<ResolvedMachine> {
    const chance = Number.parseInt(this.#ports.ids.seed().slice(0, 13), 16) / 2 ** 52;
    return this.#ports.machines.resolve(stateMachineArn, chance);
  }

  #name({ name }: StartRequest, { stateMachineArn, type }: ResolvedMachine): Named {
    const { ids, cluster } = this.#ports;
    for (let names = 1; ; names++) {
      const executionName = name ?? ids.uuid();
      const uuid = type === "EXPRESS" ? ids.uuid() : undefined;
      const executionArn = executionArnOf(stateMachineArn, executionName, uuid);
      const isGiven = name !== undefined && uuid === undefined;
      const isFine = cluster === undefined || isGiven || names >= NAMES_MAX || cluster.owns(executionArn);
      if (isFine) return { executionArn, executionName, isGiven };
    }
  }

  #begin(
    named: Named,
    resolved: ResolvedMachine,
    input: string,
    traceHeader: string | undefined,
  ): Promise<LiveExecution> {
    const { revisionKey, machine } = resolved;
    const traced = traceHeader === undefined ? {} : { traceHeader };
    return this.#loop.begin(named.executionArn, machine, (missing) => {
      const facts = this.#context.facts(missing);
      const start = startOf(named, resolved, input, facts.now);
      return LiveExecution.begin(this.#context, machine, { start, revisionKey, ...traced }, facts);
    });
  }
}

function startOf(
  { executionArn, executionName }: Named,
  { stateMachineArn, name, type, roleArn, stateMachineVersionArn, stateMachineAliasArn }: ResolvedMachine,
  input: string,
  startedAt: EpochMs,
): ExecutionStart {
  return {
    executionArn,
    executionName,
    type,
    stateMachineArn,
    stateMachineName: name,
    roleArn,
    startedAt,
    input,
    ...(stateMachineVersionArn === undefined ? {} : { stateMachineVersionArn }),
    ...(stateMachineAliasArn === undefined ? {} : { stateMachineAliasArn }),
  };
}

function sameFork(one: ForkOrigin | undefined, other: ForkOrigin | undefined): boolean {
  return one?.executionArn === other?.executionArn && one?.eventId === other?.eventId;
}

/** Whether two inputs are the same but for white space. */
function sameJson(text: string, other: string): boolean {
  return text === other || JSON.stringify(JSON.parse(text)) === JSON.stringify(JSON.parse(other));
}

function checkedInput(input: string | undefined): string {
  if (input === undefined) return "{}";
  try {
    JSON.parse(input);
    return input;
  } catch (error) {
    throw invalidInput(error);
  }
}
