/** Forks: new executions from a past state entry of others. */
import {
  type ExecutionStart,
  type ForkContext,
  type ForkPoint,
  ForkTrace,
  forkContextOf,
  type HistoryEvent,
  type StateMachine,
} from "@stepwell/core";
import { checkName } from "../catalog/names.ts";
import type { ResolvedMachine } from "../catalog/resolved-machine.ts";
import { readHistory } from "../history/history-reader.ts";
import { baseRevisionKey, childRevisionKey, mapStateOfRevision } from "../map-runs/child-machine.ts";
import type { StoredExecution } from "../ports/store.ts";
import type { WorkKinds } from "../ports/work-threads.ts";
import { Rejection } from "../rejection.ts";
import type { ExecutionPorts } from "./engine-options.ts";
import { executionArnOf } from "./execution-arn.ts";
import type { Begun, ExecutionStarts } from "./execution-starts.ts";
import type { ForkRequest } from "./executions.ts";
import type { DecisionContext } from "./live-execution.ts";
import { doesNotExist, invalidInput } from "./refusals.ts";

const PAGE = 200;

export class Forks {
  readonly #ports: Pick<ExecutionPorts, "store" | "machines" | "ids">;
  readonly #starts: ExecutionStarts;
  readonly #context: DecisionContext;

  constructor(
    ports: Pick<ExecutionPorts, "store" | "machines" | "ids">,
    starts: ExecutionStarts,
    context: DecisionContext,
  ) {
    this.#ports = ports;
    this.#starts = starts;
    this.#context = context;
  }

  async fork(request: ForkRequest): Promise<Begun> {
    if (request.name !== undefined) checkName(request.name);
    const original = await this.#ports.store.describe(request.executionArn);
    if (original === undefined) throw doesNotExist(request.executionArn);
    const point = await this.#point(original, request.at);
    const target = await this.#target(original, request);
    if (!target.machine.states.has(point.stateName)) {
      throw invalid(`state '${point.stateName}' must be in the definition that is to be run`);
    }
    const input = checkedInput(request.input) ?? point.input;
    return this.#starts.startFork(await this.#start(original, point, target, input, request.name), target);
  }

  async #start(
    original: StoredExecution,
    point: ForkPoint,
    target: ResolvedMachine,
    input: string,
    name: string | undefined,
  ): Promise<Omit<ExecutionStart, "startedAt">> {
    const { ids, machines } = this.#ports;
    const { stateMachineArn, stateMachineName, roleArn, executionArn } = original.start;
    const executionName = name ?? ids.uuid();
    const { machine } = await machines.machineOfRevision(original.revisionKey);
    const facts = this.#context.facts(undefined);
    const context = await this.#forkContext(machine, { original: original.start, point, input, facts });
    const version = target.stateMachineVersionArn;
    return {
      executionArn: executionArnOf(stateMachineArn, executionName, target.type === "EXPRESS" ? ids.uuid() : undefined),
      executionName,
      type: target.type,
      stateMachineArn,
      stateMachineName,
      roleArn,
      input,
      forkOf: { executionArn, eventId: point.eventId, stateName: point.stateName },
      forkContext: JSON.stringify(context),
      ...(version === undefined ? {} : { stateMachineVersionArn: version }),
    };
  }

  #forkContext(
    machine: StateMachine,
    fork: Omit<WorkKinds["forkContext"]["asked"], "machine" | "limits">,
  ): ForkContext | Promise<ForkContext> {
    const { long, limits } = this.#context;
    const { original, point, input, facts } = fork;
    const here = (): ForkContext => forkContextOf(machine, original, point, input, facts, limits);
    if (long === undefined) return here();
    return long.hereOrElsewhere(machine, "forkContext", (text) => ({ ...fork, machine: text, limits }), here);
  }

  /** What the fork runs. Rejects when the state machine is gone. */
  async #target(original: StoredExecution, request: ForkRequest): Promise<ResolvedMachine> {
    const { machines } = this.#ports;
    const { stateMachineArn, stateMachineVersionArn } = original.start;
    // A child's machine goes with its parent's.
    const [machineArn = ""] = stateMachineArn.split("/", 1);
    const mapState = mapStateOfRevision(original.revisionKey);
    const ofChild = (key: string): string => (mapState === undefined ? key : childRevisionKey(key, mapState));
    if (request.stateMachineVersionArn !== undefined) {
      const version = await machines.resolve(request.stateMachineVersionArn, 0);
      if (version.stateMachineArn !== machineArn || version.stateMachineVersionArn === undefined) {
        throw invalid(
          `stateMachineVersionArn: must be a version of ${machineArn}, got "${request.stateMachineVersionArn}"`,
        );
      }
      const resolved = await this.#revision(ofChild(version.revisionKey), mapState);
      return mapState === undefined
        ? { ...resolved, stateMachineVersionArn: version.stateMachineVersionArn }
        : resolved;
    }
    await machines.resolve(machineArn, 0);
    if (request.revisionKey !== undefined) return this.#revision(ofChild(request.revisionKey), mapState);
    const resolved = await machines.machineOfRevision(original.revisionKey);
    return stateMachineVersionArn === undefined ? resolved : { ...resolved, stateMachineVersionArn };
  }

  async #revision(key: string, mapState: string | undefined): Promise<ResolvedMachine> {
    if (mapState !== undefined) {
      const { machine } = await this.#ports.machines.machineOfRevision(baseRevisionKey(key));
      const state = machine.states.get(mapState);
      if (state?.type !== "Map" || state.distributed === undefined) {
        throw invalid(`state '${mapState}' must be a Distributed Map in the definition that is to be run`);
      }
    }
    return this.#ports.machines.machineOfRevision(key);
  }

  async #point(original: StoredExecution, at: ForkRequest["at"]): Promise<ForkPoint> {
    const { machine } = await this.#ports.machines.machineOfRevision(original.revisionKey);
    const from = "eventId" in at ? at.eventId : original.lastEventId;
    if (!Number.isInteger(from) || from < 1 || from > original.lastEventId) {
      throw invalid(`at.eventId: must be from 1 to ${original.lastEventId}, got ${from}`);
    }
    let trace = "eventId" in at ? new ForkTrace(machine, from) : undefined;
    for await (const event of this.#back(original, from)) {
      if (trace === undefined && "stateName" in at && isEntryOf(event, at.stateName)) {
        trace = new ForkTrace(machine, event.id);
      }
      if (trace?.wanted !== event.id) continue;
      if (!trace.take(event)) {
        throw invalid(`at.eventId: must be a StateEntered event of ${original.start.executionArn}, got ${event.type}`);
      }
      if (trace.wanted === 0) return trace.point;
    }
    if ("stateName" in at) throw invalid(`at.stateName: must be a state that was entered, got "${at.stateName}"`);
    throw invalid(`at.eventId: must be an event of the history, got ${at.eventId}`);
  }

  async *#back({ start, output, lastEventId }: StoredExecution, from: number): AsyncGenerator<HistoryEvent> {
    const execution = { executionArn: start.executionArn, texts: { input: start.input, output }, lastEventId };
    for (let next = from; next > 0; ) {
      const page = await readHistory(this.#ports.store, execution, { from: next, limit: PAGE, reverse: true });
      yield* page.items;
      const last = page.items.at(-1);
      if (last === undefined || page.isLast) return;
      next = last.id - 1;
    }
  }
}

function isEntryOf({ type, details }: HistoryEvent, stateName: string): boolean {
  return type.endsWith("StateEntered") && details?.["name"] === stateName;
}

function checkedInput(input: string | undefined): string | undefined {
  if (input === undefined) return undefined;
  try {
    JSON.parse(input);
    return input;
  } catch (error) {
    throw invalidInput(error);
  }
}

function invalid(message: string): Rejection {
  return new Rejection("ValidationException", message);
}
