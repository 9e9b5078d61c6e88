/**
 * The history of a flow's execution in CloudFlow's words (cloudflow.md 4), read off the engine's.
 *
 * H1. Ids count from 1 without gaps, and equal histories give equal events: pages fit together.
 * H2. Where the engine's event stands in the flow is told by the chain of its previous events.
 * H3. States that belong to no step of the flow leave no event.
 */
import {
  type FlowState,
  type FlowStates,
  flowErrorName,
  type HistoryEvent,
  type Json,
  type JsonObject,
} from "@stepwell/core";

export interface FlowEvent {
  readonly Type: string;
  readonly EventId: number;
  readonly ScheduleEventId: number;
  readonly StepName: string;
  readonly Time: string;
  /** JSON text. */
  readonly EventDetail: string;
}

export interface FlowHistorySource {
  readonly language: "steps" | "states";
  readonly states: FlowStates;
  /** The compiled definition. */
  readonly definition: JsonObject;
  /** The step's own input, from the input of its state: JSONata of flows. */
  evaluate(expression: string, input: Json): Json;
}

/** Where a line of events is: in a step, a branch, an iteration or the execution itself. */
interface Frame {
  readonly kind: "execution" | "step" | "branch" | "iteration";
  /** The event that began it. */
  readonly eventId: number;
  readonly step: string;
  /** The state of the engine that is at the step. */
  state: string;
  readonly parent: Frame | undefined;
  /** The last TaskScheduled. */
  scheduled?: number;
  submitted?: boolean;
  pattern?: string;
  failure?: Failure | undefined;
  /** Its StepFailed has been told. */
  failed?: boolean;
}

interface Failure {
  readonly error: string;
  readonly cause: string;
}

export function flowHistory(events: readonly HistoryEvent[], source: FlowHistorySource): FlowEvent[] {
  const history = new FlowHistory(source);
  for (const event of events) history.read(event);
  return history.events;
}

class FlowHistory {
  readonly events: FlowEvent[] = [];
  readonly #source: FlowHistorySource;
  readonly #ends: ReadonlySet<string>;
  readonly #containers: ReadonlySet<string>;
  readonly #failStates: ReadonlyMap<string, Failure>;
  readonly #root: Frame = { kind: "execution", eventId: 1, step: "", state: "", parent: undefined };
  /** Where each event of the engine leaves its line. */
  readonly #frames = new Map<number, Frame>();
  readonly #types = new Map<number, string>();
  #branches = new Map<number, number>();

  constructor(source: FlowHistorySource) {
    this.#source = source;
    const states = statesOf(source.definition);
    this.#ends = new Set(
      states.filter(([, state]) => state["End"] === true || state["Type"] === "Succeed").map(([name]) => name),
    );
    const isContainer = ({ Type }: JsonObject): boolean => Type === "Map" || Type === "Parallel";
    this.#containers = new Set(states.filter(([, state]) => isContainer(state)).map(([name]) => name));
    this.#failStates = new Map(
      states
        .filter(([, state]) => state["Type"] === "Fail")
        .map(([name, { Error: error, Cause: cause }]) => [
          name,
          { error: typeof error === "string" ? error : "", cause: typeof cause === "string" ? cause : "" },
        ]),
    );
  }

  read(event: HistoryEvent): void {
    const before = this.#frames.get(event.previousEventId) ?? this.#root;
    this.#frames.set(event.id, this.#next(event, before));
    this.#types.set(event.id, event.type);
  }

  #next(event: HistoryEvent, frame: Frame): Frame {
    const { type } = event;
    if (type.endsWith("StateEntered")) return this.#entered(event, frame);
    if (type.endsWith("StateExited")) return this.#exited(event, frame);
    if (type.startsWith("Execution")) return this.#execution(event, frame);
    if (type.startsWith("Task")) return this.#task(event, frame);
    if (type === "MapIterationStarted") return this.#iterationStarted(event, frame);
    if (type === "MapIterationSucceeded") return this.#iterationEnded(event, frame);
    if (type === "EvaluationFailed" || type === "MapRunFailed") return this.#ownFailure(event, frame);
    if (type === "MapRunStarted") this.#mapRunStarted(event, frame);
    if (type === "ParallelStateStarted" || type === "MapStateStarted") return this.#containerStarted(event, frame);
    if (type === "MapIterationFailed") this.#containerFailed(event, frame);
    if (type !== "ParallelStateFailed" && type !== "MapStateFailed") return frame;
    return this.#failedItself(event, frame) ? frame : this.#containerFailed(event, frame);
  }

  #entered(event: HistoryEvent, before: Frame): Frame {
    const name = text(event, "name");
    const isBranch = this.#types.get(event.previousEventId) === "ParallelStateStarted";
    const frame = isBranch ? this.#branchEntered(event, before) : before;
    const state = this.#stateOf(name);
    if (state === undefined) return frame;
    if (state.part === "end") {
      if (frame.kind === "step") frame.state = name;
      return frame;
    }
    const input = this.#input(state, json(text(event, "input")));
    const eventId = this.#emit("StepEntered", event, frame.eventId, state.step, { input });
    return { kind: "step", eventId, step: state.step, state: name, parent: frame };
  }

  #input(state: FlowState, input: Json): Json {
    return state.input === undefined ? input : this.#source.evaluate(state.input, input);
  }

  #branchEntered(event: HistoryEvent, container: Frame): Frame {
    const index = this.#branches.get(event.previousEventId) ?? 0;
    this.#branches.set(event.previousEventId, index + 1);
    const { step } = container;
    const eventId = this.#emit("BranchEntered", event, container.eventId, step, { index });
    return { kind: "branch", eventId, step, state: "", parent: container };
  }

  #exited(event: HistoryEvent, before: Frame): Frame {
    const name = text(event, "name");
    // A Map's exit is linked to the end of its last iteration.
    const frame = before.kind === "iteration" && before.parent?.state === name ? before.parent : before;
    const state = this.#stateOf(name);
    let after = frame;
    if (state !== undefined && state.part !== "begin" && frame.kind === "step") {
      if (frame.failure !== undefined && frame.failed !== true) this.#stepFailed(event, frame);
      this.#emit("StepExited", event, frame.eventId, frame.step, this.#output(json(text(event, "output"))));
      after = frame.parent ?? this.#root;
    }
    if (!this.#ends.has(name) || after.kind !== "branch") return after;
    this.#emit("BranchExited", event, after.eventId, after.step, {});
    return after.parent ?? this.#root;
  }

  /** In the old language the output of a state is the scope; what the step left with is a part of it. */
  #output(output: Json): JsonObject {
    if (this.#source.language === "states") return { output };
    const left = (output as { left?: { output: Json; local: Json } } | null)?.left;
    return left === undefined ? { output: {}, local: {} } : { output: left.output, local: left.local };
  }

  #iterationStarted(event: HistoryEvent, before: Frame): Frame {
    const container = climb(before, (frame) => frame.kind === "step" && frame.state === text(event, "name")) ?? before;
    const detail = { index: Number(event.details?.["index"] ?? 0) };
    const eventId = this.#emit("IterationEntered", event, container.eventId, container.step, detail);
    return { kind: "iteration", eventId, step: container.step, state: "", parent: container };
  }

  #iterationEnded(event: HistoryEvent, frame: Frame): Frame {
    const iteration = climb(frame, ({ kind }) => kind === "iteration");
    if (iteration === undefined) return frame;
    const detail = { index: Number(event.details?.["index"] ?? 0) };
    this.#emit("IterationExited", event, iteration.eventId, iteration.step, detail);
    // What comes next in this line is linked to an event inside; it finds its container from there.
    return iteration;
  }

  #task(event: HistoryEvent, frame: Frame): Frame {
    const schedule = frame.scheduled ?? frame.eventId;
    switch (event.type) {
      case "TaskScheduled": {
        frame.failure = undefined;
        frame.submitted = false;
        frame.pattern = text(event, "resource").split(".")[1] ?? "";
        const detail = { parameters: json(text(event, "parameters")) };
        frame.scheduled = this.#emit("TaskScheduled", event, frame.eventId, frame.step, detail);
        return frame;
      }
      case "TaskStarted":
        this.#emit("TaskStarted", event, schedule, frame.step, {});
        return frame;
      case "TaskSubmitted":
        this.#submitted(event, frame, json(text(event, "output")));
        return frame;
      case "TaskSucceeded":
        if (frame.pattern !== "" && frame.submitted !== true) this.#submitted(event, frame, {});
        this.#emit("TaskSucceeded", event, schedule, frame.step, { output: json(text(event, "output")) });
        return frame;
      case "TaskFailed":
      case "TaskTimedOut":
        return this.#taskFailed(event, frame, schedule);
      default:
        return frame;
    }
  }

  #submitted(event: HistoryEvent, frame: Frame, output: Json): void {
    frame.submitted = true;
    this.#emit("TaskSubmitted", event, frame.scheduled ?? frame.eventId, frame.step, { output });
  }

  #taskFailed(event: HistoryEvent, frame: Frame, schedule: number): Frame {
    const failure = failureOf(event);
    frame.failure = failure;
    const isUnsent = frame.pattern !== "" && frame.submitted !== true && SENDING.test(failure.error);
    const type = event.type === "TaskFailed" && isUnsent ? "TaskSubmitFailed" : event.type;
    this.#emit(type, event, schedule, frame.step, { ...failure });
    return frame;
  }

  /** Also again, after a retry: then the chain comes from inside, where something failed. */
  #containerStarted(event: HistoryEvent, frame: Frame): Frame {
    if (this.#types.get(event.previousEventId) === event.type.replace(/Started$/, "Entered")) return frame;
    const container = this.#containerFailed(event, frame);
    container.failure = undefined;
    return container;
  }

  /** Where a caller learns the name that DescribeMapRun asks for. */
  #mapRunStarted(event: HistoryEvent, frame: Frame): void {
    const mapRunName = text(event, "mapRunArn").split(":").at(-1) ?? "";
    this.#emit("StepStarted", event, frame.eventId, frame.step, { mapRunName });
  }

  /** An expression of a step, or its map run, failed; a Map's own are told in the line of its last iteration. */
  #ownFailure(event: HistoryEvent, frame: Frame): Frame {
    const name = text(event, "state");
    const own = climb(frame, ({ kind, state }) => kind === "step" && (name === "" || state === name)) ?? frame;
    own.failure = failureOf(event);
    return own;
  }

  /** Not for what it contains: then the chain comes from there. */
  #failedItself({ previousEventId }: HistoryEvent, { kind, state }: Frame): boolean {
    const before = this.#types.get(previousEventId) ?? "";
    return kind === "step" && this.#containers.has(state) && OWN_FAILURES.has(before);
  }

  #containerFailed(event: HistoryEvent, frame: Frame): Frame {
    const scope = climb(frame, ({ kind }) => kind === "branch" || kind === "iteration");
    const container = scope?.parent;
    if (container === undefined) return frame;
    container.failure = this.#failSteps(event, frame, container);
    return container;
  }

  /** Every open step below `until`, from the inside out, fails with what the innermost failed with. */
  #failSteps(event: HistoryEvent, from: Frame, until: Frame): Failure {
    let failure: Failure = { error: "", cause: "" };
    for (let frame: Frame | undefined = from; frame !== undefined && frame !== until; frame = frame.parent) {
      if (frame.kind !== "step") continue;
      frame.failure ??= this.#failStates.get(frame.state) ?? failure;
      failure = frame.failure;
      if (frame.failed !== true) this.#stepFailed(event, frame);
    }
    return failure;
  }

  #stepFailed(event: HistoryEvent, frame: Frame): void {
    const { error, cause } = frame.failure ?? { error: "", cause: "" };
    this.#emit("StepFailed", event, frame.eventId, frame.step, { error, cause });
    frame.failed = true;
  }

  #execution(event: HistoryEvent, frame: Frame): Frame {
    switch (event.type) {
      case "ExecutionStarted":
        this.#emit("ExecutionStarted", event, 0, "", { input: json(text(event, "input")) });
        break;
      case "ExecutionSucceeded":
        this.#emit("ExecutionSucceeded", event, 1, "", { output: json(text(event, "output")) });
        break;
      case "ExecutionFailed": {
        const failure = failureOf(event);
        const failing = climb(frame, ({ kind }) => kind === "step");
        if (failing !== undefined) failing.failure ??= failure;
        this.#failSteps(event, frame, this.#root);
        this.#emit("ExecutionFailed", event, 1, "", { ...failure });
        break;
      }
      case "ExecutionAborted":
        this.#emit("ExecutionStopped", event, 1, "", { ...failureOf(event) });
        break;
      case "ExecutionTimedOut":
        this.#emit("ExecutionTimedOut", event, 1, "", { error: "FnF.Timeout", cause: "" });
        break;
    }
    return this.#root;
  }

  #stateOf(name: string): FlowState | undefined {
    return Object.hasOwn(this.#source.states, name) ? this.#source.states[name] : undefined;
  }

  #emit(Type: string, event: HistoryEvent, ScheduleEventId: number, StepName: string, detail: JsonObject): number {
    const EventId = this.events.length + 1;
    const Time = new Date(event.timestamp).toISOString();
    this.events.push({ Type, EventId, ScheduleEventId, StepName, Time, EventDetail: JSON.stringify(detail) });
    return EventId;
  }
}

/** What comes right before the failure of a container that failed by itself. */
const OWN_FAILURES: ReadonlySet<string> = new Set(["EvaluationFailed", "MapRunFailed"]);

/** Errors of sending, not of what was sent. */
const SENDING = /^(?:FC|HTTP|MNS|FnF)\./;

function climb(from: Frame, is: (frame: Frame) => boolean): Frame | undefined {
  for (let frame: Frame | undefined = from; frame !== undefined; frame = frame.parent) if (is(frame)) return frame;
  return undefined;
}

function text(event: HistoryEvent, member: string): string {
  const value = event.details?.[member];
  return typeof value === "string" ? value : "";
}

function json(text: string): Json {
  return text === "" ? {} : (JSON.parse(text) as Json);
}

function failureOf(event: HistoryEvent): Failure {
  return { error: flowErrorName(text(event, "error")), cause: text(event, "cause") };
}

/** All states of a definition, nested ones too. */
function statesOf(block: JsonObject): [string, JsonObject][] {
  const states = Object.entries((block["States"] ?? {}) as JsonObject) as [string, JsonObject][];
  return states.flatMap(([name, state]) => {
    const inner = [
      ...((state["Branches"] ?? []) as readonly JsonObject[]),
      (state["ItemProcessor"] ?? {}) as JsonObject,
    ];
    return [[name, state] as [string, JsonObject], ...inner.flatMap(statesOf)];
  });
}
