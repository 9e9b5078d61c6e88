/**
 * Performs the tasks of a case as its mocks say.
 *
 * T1. A task that is sent again has the answer it had; which answers were given outlives a crash where there is a journal.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { Json, StartTask } from "@stepwell/core";
import type { Connector, TaskOutcome, TaskRequest } from "@stepwell/engine";
import { contains, shown } from "./contains.ts";
import type { MockAnswer, MockFunction, Mocks } from "./test-file.ts";

/** A call that was answered by a mock. */
export interface MockedCall {
  readonly stateName: string;
  /** From 0, of its state, in the order of the first calls. */
  readonly number: number;
  readonly input: Json;
}

/** Fails one call of one state, in place of its mock. */
export interface InjectedFailure {
  readonly stateName: string;
  readonly number: number;
  readonly error: string;
}

interface Given {
  readonly task: string;
  readonly stateName: string;
  /** Of the list of answers. */
  readonly answer: number;
}

export interface TestMocksOptions {
  /** Nobody else serves tasks: those without a mock fail here. */
  readonly servesAll: boolean;
  readonly mocks: Mocks;
  readonly injected?: InjectedFailure;
  /** Remembers what was given over a crash. */
  readonly journal?: string;
}

export class TestMocks implements Connector {
  readonly calls: MockedCall[] = [];
  /** What no mock answered, a line each: a mistake of the test, whatever the workflow makes of the failure. */
  readonly unanswered: Set<string> = new Set();
  readonly #options: TestMocksOptions;
  readonly #given: Given[] = [];

  constructor(options: TestMocksOptions) {
    this.#options = options;
    const { journal } = options;
    if (journal === undefined || !existsSync(journal)) return;
    for (const line of readFileSync(journal, "utf8").split("\n")) {
      if (line.endsWith("}")) this.#given.push(JSON.parse(line) as Given);
    }
  }

  handles({ resource, stateName }: Pick<StartTask, "resource" | "stateName">): boolean {
    if (this.mayMock(stateName)) return true;
    // Nested executions are the service's own: their machines are part of the test.
    return (
      this.#options.servesAll && !(resource.kind === "service" && /^(aws-sdk:)?(states|sfn)$/.test(resource.service))
    );
  }

  mayMock(stateName: string): boolean {
    return Object.hasOwn(this.#options.mocks, stateName);
  }

  async start(request: TaskRequest): Promise<TaskOutcome> {
    const outcome = await this.answer(request);
    const waits = request.resource.kind === "service" && request.resource.pattern !== "requestResponse";
    if (!waits) return outcome;
    // The history of such a task has a TaskSubmitted before its end, which the next poll brings.
    return {
      kind: "submitted",
      output: outcome.kind === "succeeded" ? outcome.output : "{}",
      handle: JSON.stringify(outcome),
    };
  }

  async poll(_request: TaskRequest, handle: string): Promise<TaskOutcome | undefined> {
    return JSON.parse(handle) as TaskOutcome;
  }

  /** What the mock of the state says to this task. */
  async answer(request: Pick<TaskRequest, "executionArn" | "taskId" | "stateName" | "input">): Promise<TaskOutcome> {
    const { stateName } = request;
    const input = JSON.parse(request.input) as Json;
    const task = `${request.executionArn} ${request.taskId}`;
    const before = this.#given.find((given) => given.task === task);
    const number = this.#given.filter((given) => given.stateName === stateName && given !== before).length;
    const { injected } = this.#options;
    if (before === undefined) this.calls.push({ stateName, number, input });
    if (
      injected !== undefined &&
      injected.stateName === stateName &&
      injected.number === number &&
      before === undefined
    ) {
      this.#remember({ task, stateName, answer: -1 });
      return { kind: "failed", error: injected.error, cause: "injected by stepwell test --chaos" };
    }
    const mock = this.mayMock(stateName) ? this.#options.mocks[stateName] : undefined;
    if (mock === undefined) {
      return this.#unanswered("Stepwell.NotMocked", `${stateName} has no mock, and no config says who serves it`);
    }
    if (typeof mock === "function") {
      if (before === undefined) this.#remember({ task, stateName, answer: 0 });
      return called(mock, input, { stateName, number });
    }
    const answers: readonly MockAnswer[] = Array.isArray(mock)
      ? mock
      : [{ times: Number.MAX_SAFE_INTEGER, ...(mock as MockAnswer) }];
    const index = before?.answer ?? this.#next(stateName, answers, input);
    const answer = answers[index];
    if (answer === undefined) {
      const what = `the mock of ${stateName} has no answer to its call ${number + 1}, with the input ${shown(input)}`;
      return this.#unanswered("Stepwell.NoMockAnswer", what);
    }
    if (before === undefined) this.#remember({ task, stateName, answer: index });
    return outcomeOf(answer);
  }

  #unanswered(error: string, what: string): TaskOutcome {
    this.unanswered.add(what);
    return { kind: "failed", error, cause: what };
  }

  #next(stateName: string, answers: readonly MockAnswer[], input: Json): number {
    return answers.findIndex(({ when, times = 1 }, index) => {
      if (when !== undefined && !contains(input, when)) return false;
      return this.#given.filter((given) => given.stateName === stateName && given.answer === index).length < times;
    });
  }

  #remember(given: Given): void {
    this.#given.push(given);
    if (this.#options.journal !== undefined) appendFileSync(this.#options.journal, `${JSON.stringify(given)}\n`);
  }
}

function outcomeOf(answer: MockAnswer): TaskOutcome {
  const { throw: thrown } = answer;
  if (thrown === undefined) return { kind: "succeeded", output: JSON.stringify(answer.return ?? null) };
  const { error, cause } = thrown;
  return { kind: "failed", error, ...(cause === undefined ? {} : { cause }) };
}

async function called(
  mock: MockFunction,
  input: Json,
  call: { stateName: string; number: number },
): Promise<TaskOutcome> {
  try {
    return { kind: "succeeded", output: JSON.stringify((await mock(input, call)) ?? null) };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
    return { kind: "failed", error: name, cause: message };
  }
}
