/**
 * Tasks whose answers are mocked, by the test case that their execution was started with: `<state machine ARN>#<case>`.
 *
 * M1. A task that is sent again has the answer it had; another attempt of the state has the next one. After a restart of
 *     the server the number of an attempt is told from the execution's history; Express executions, which have none that
 *     is kept, do not go on after a restart.
 */
import type { StartTask } from "@stepwell/core";
import type { Connector, TaskOutcome, TaskRequest } from "@stepwell/engine";
import type { StepFunctionsApi } from "../step-functions/step-functions-api.ts";
import { callNumber } from "./call-number.ts";
import { type MockConfig, type MockedResponse, mockedAnswer } from "./mock-config.ts";

/** The states of executions whose calls are counted; the oldest are forgotten. */
const COUNTED_MAX = 10_000;

/** Where the calls of executions are counted that began before `untilMs`; those that began later are counted in memory. */
export interface Histories {
  readonly api: StepFunctionsApi;
  readonly untilMs: number;
}

type Asked = Pick<StartTask, "resource" | "stateName"> & Partial<TaskRequest>;

export class MockedTask implements Connector {
  readonly #config: () => MockConfig;
  /** By execution and state: the tasks that were answered, in order. */
  readonly #answered = new Map<string, number[]>();

  readonly #histories: Histories | undefined;

  /** The configuration is asked for at each task: the file may have changed. */
  constructor(config: () => MockConfig, histories?: Histories) {
    this.#config = config;
    this.#histories = histories;
  }

  handles(asked: Asked): boolean {
    return this.#responseOf(asked) !== undefined;
  }

  /** True when some test case mocks a state of this name. */
  mayMock(stateName: string): boolean {
    return Object.values(this.#config().StateMachines).some(({ TestCases }) =>
      Object.values(TestCases).some((states) => Object.hasOwn(states, stateName)),
    );
  }

  async start(request: TaskRequest): Promise<TaskOutcome> {
    const response = this.#responseOf(request);
    if (response === undefined) throw new Error(`${request.stateName} must be mocked`);
    const outcome = answerOf(request, response, await this.#callOf(request));
    const waits = request.resource.kind === "service" && request.resource.pattern !== "requestResponse";
    if (!waits) return outcome;
    // The history of such a task has a TaskSubmitted before its end, which the next poll brings.
    return { kind: "submitted", output: submittedOutput(outcome), handle: JSON.stringify(outcome) };
  }

  async poll(_request: TaskRequest, handle: string): Promise<TaskOutcome | undefined> {
    return JSON.parse(handle) as TaskOutcome;
  }

  #responseOf({ stateName, stateMachineAliasArn }: Asked): MockedResponse | undefined {
    const { name, testCase } = testCaseOf(stateMachineAliasArn ?? "");
    if (name === undefined || testCase === undefined) return undefined;
    const { StateMachines, MockedResponses } = this.#config();
    const machine = Object.hasOwn(StateMachines, name) ? StateMachines[name] : undefined;
    const states =
      machine !== undefined && Object.hasOwn(machine.TestCases, testCase) ? machine.TestCases[testCase] : {};
    const response = states !== undefined && Object.hasOwn(states, stateName) ? states[stateName] : undefined;
    return response === undefined ? undefined : MockedResponses[response];
  }

  async #callOf(request: TaskRequest): Promise<number> {
    const histories = this.#histories;
    const isCounted = histories === undefined || request.startedAtMs >= histories.untilMs;
    return isCounted ? this.#counted(request) : callNumber(histories.api, request);
  }

  #counted({ executionArn, stateName, taskId }: TaskRequest): number {
    const key = `${executionArn} ${stateName}`;
    const tasks = this.#answered.get(key) ?? [];
    this.#answered.delete(key);
    this.#answered.set(key, tasks);
    const [oldest] = this.#answered.keys();
    if (this.#answered.size > COUNTED_MAX && oldest !== undefined) this.#answered.delete(oldest);
    const known = tasks.indexOf(taskId);
    return known >= 0 ? known : tasks.push(taskId) - 1;
  }
}

function answerOf(request: TaskRequest, response: MockedResponse, call: number): TaskOutcome {
  const answer = mockedAnswer(response, call);
  if (answer === undefined) {
    const cause = `The mocked response of the state '${request.stateName}' has no answer to its call ${call}`;
    return { kind: "failed", error: "States.Runtime", cause };
  }
  if ("Return" in answer) return { kind: "succeeded", output: JSON.stringify(answer.Return) };
  const { Error: error, Cause: cause } = answer.Throw;
  return { kind: "failed", error, ...(cause === undefined ? {} : { cause }) };
}

function submittedOutput(outcome: TaskOutcome): string {
  return outcome.kind === "succeeded" ? outcome.output : "{}";
}

/** The state machine's name and the test case in `…:stateMachine:<name>[:<version or alias>]#<case>`. */
export function testCaseOf(arn: string): { name?: string; testCase?: string; stateMachineArn?: string } {
  const match = /^(arn:[^#]+:stateMachine:([^#:/]+)(?::[^#]+)?)#(.+)$/.exec(arn);
  if (match === null) return {};
  const [, stateMachineArn, name, testCase] = match as unknown as [string, string, string, string];
  return { name, testCase, stateMachineArn };
}
