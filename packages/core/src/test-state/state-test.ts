/**
 * TestState: one state, run alone. The same state kinds, data flow and error handling as in executions; what is done here
 * is to say what may be tested, to put mocks in the place of work, and to report each stage of the data. features.md C.7;
 * recorded-behaviour.md, fact 44.
 *
 * S1. Nothing waits here: a Task that is really performed and a Wait come back as progress, to be gone on with.
 * S2. What the caller did wrong is `refused`; what the state does wrong is a report.
 */
import type { TaskResource } from "../definition/state-machine.ts";
import type { StatesError } from "../errors/states-error.ts";
import type { StartTask } from "../execution/command.ts";
import type { Facts } from "../execution/execution-event.ts";
import type { ExecutionLimits } from "../execution/limits.ts";
import type { DataStage } from "../execution/tested-state.ts";
import type { EpochMs, Json } from "../json.ts";
import { checkConfiguration, checkMock, type FieldValidationMode, mockedResult } from "./mock.ts";
import { type RefusalCode, StateTestRefusal } from "./refusal.ts";
import { StateRun } from "./state-run.ts";
import { generatedContext, parseContext } from "./tested-context.ts";
import { checkTestable, readTestedDefinition } from "./tested-definition.ts";
import { parseInput, parseVariables } from "./tested-input.ts";

/** What TestState is asked: texts are as the caller sent them, JSON where the API says so. */
export interface StateTestRequest {
  /** A state alone, or with `stateName` a whole state machine. */
  readonly definition: string;
  readonly stateName?: string;
  /** Default `{}`. */
  readonly input?: string;
  readonly roleArn?: string;
  readonly variables?: string;
  /** Only with a mock; replaces the generated context object. */
  readonly context?: string;
  readonly revealSecrets?: boolean;
  readonly mock?: StateTestMock;
  readonly stateConfiguration?: StateTestConfiguration;
}

export interface StateTestMock {
  readonly result?: string;
  readonly errorOutput?: { readonly error?: string; readonly cause?: string };
  /** Default `STRICT`. */
  readonly fieldValidationMode?: FieldValidationMode;
}

export interface StateTestConfiguration {
  /** How often the retrier that applies has been used. */
  readonly retrierRetryCount?: number;
  /** The state inside a Map or Parallel that fails with the mocked error. */
  readonly errorCausedByState?: string;
  readonly mapIterationFailureCount?: number;
  /** What an ItemReader reads, as text. */
  readonly mapItemReaderData?: string;
}

/** Where a state is tested. */
export interface StateTestSurroundings {
  readonly identity: { readonly partition: string; readonly region: string; readonly accountId: string };
  readonly facts: Facts;
  readonly limits: ExecutionLimits;
  readonly lenientResources?: boolean;
  /** Holds a mocked result of a Task against the API it calls; gives what is wrong. Absent: anything goes. */
  readonly mockResultProblem?: (resource: TaskResource, result: Json, mode: FieldValidationMode) => string | undefined;
}

export type StateTestStatus = "SUCCEEDED" | "FAILED" | "RETRIABLE" | "CAUGHT_ERROR";

export interface StateTestReport {
  readonly status: StateTestStatus;
  /** JSON text. */
  readonly output?: string;
  readonly nextState?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly inspection: StateInspection;
}

/** The stages of the data, as JSON texts, and what decides how a Map runs and how an error is handled. */
export type StateInspection = { readonly [Stage in DataStage | MapStage | "input" | "variables"]?: string } & {
  readonly maxConcurrency?: number;
  readonly toleratedFailureCount?: number;
  readonly toleratedFailurePercentage?: number;
  readonly errorDetails?: {
    readonly catchIndex?: number;
    readonly retryIndex?: number;
    readonly retryBackoffIntervalSeconds?: number;
  };
};

export type MapStage = "afterItemsPath" | "afterItemsPointer" | "afterItemSelector" | "afterItemBatcher";

/** What has come of a test so far. */
export type StateTestProgress =
  | { readonly kind: "refused"; readonly code: RefusalCode; readonly message: string }
  | { readonly kind: "ended"; readonly report: StateTestReport }
  /** The task is to be performed; call one of the functions with what came of it, once. */
  | {
      readonly kind: "task";
      readonly command: StartTask;
      /** Of the execution the task seems to belong to. */
      readonly executionArn: string;
      readonly executionName: string;
      readonly stateMachineArn: string;
      /** `output` is JSON text. */
      succeeded(output: string): StateTestReport;
      failed(error: StatesError): StateTestReport;
    }
  /** A Wait. */
  | {
      readonly kind: "wait";
      readonly until: EpochMs;
      over(): StateTestReport;
      failed(error: StatesError): StateTestReport;
    };

/** Begins a test. Never throws for what the caller or the state did wrong. */
export function testState(request: StateTestRequest, surroundings: StateTestSurroundings): StateTestProgress {
  try {
    return begin(request, surroundings);
  } catch (refusal) {
    if (!(refusal instanceof StateTestRefusal)) throw refusal;
    return { kind: "refused", code: refusal.code, message: refusal.message };
  }
}

function begin(request: StateTestRequest, surroundings: StateTestSurroundings): StateTestProgress {
  const { mock, stateConfiguration = {} } = request;
  checkMock(request);
  const { machine, state } = readTestedDefinition(request, surroundings.lenientResources ?? false);
  checkTestable(request, state);
  checkConfiguration(machine, state, stateConfiguration);
  const result = mock?.result === undefined ? undefined : mockedResult(state, mock.result, mock, surroundings);
  const input = parseInput(request.input);
  const context = request.context === undefined ? undefined : parseContext(request.context, state);
  const variables = request.variables === undefined ? undefined : parseVariables(request.variables);
  const generated = generatedContext(state, input.value, request, surroundings);
  const run = new StateRun({
    machine,
    state,
    input,
    ...generated,
    ...(context === undefined ? {} : { context, contextIsGiven: true }),
    ...(variables === undefined ? {} : { variables }),
    configuration: stateConfiguration,
    limits: surroundings.limits,
  });
  if (result !== undefined) return { kind: "ended", report: run.withResult(result) };
  if (mock?.errorOutput !== undefined) return { kind: "ended", report: run.withError(mock.errorOutput) };
  return run.begin();
}
