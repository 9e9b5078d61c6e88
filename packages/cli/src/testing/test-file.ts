/** What `stepwell test` reads: a state machine and its cases, in YAML, JSON or TypeScript. */
import type { Json, StateMachineType } from "@stepwell/core";

/** A file of cases. A TypeScript file exports one (`export default`, or under any name) made by `defineTests`. */
export interface TestFile {
  /** Definition under test: a file, beside the test file. */
  readonly stateMachine: string;
  /** Default STANDARD. */
  readonly type?: StateMachineType;
  /** `stepwell.yaml` whose functions, buckets and routes serve the tasks that are not mocked. Default: nothing serves them. */
  readonly config?: string;
  /** Other state machines that nested executions start, by name: definition files. Their tasks are mocked alike. */
  readonly others?: {
    readonly [name: string]: string | { readonly definition: string; readonly type?: StateMachineType };
  };
  /** For all cases; a case's own come first. */
  readonly mocks?: Mocks;
  readonly cases: readonly TestCase[];
}

export interface TestCase {
  readonly name: string;
  /** Default `{}`. */
  readonly input?: Json;
  /** A file with the input, beside the test file. */
  readonly inputFile?: string;
  readonly mocks?: Mocks;
  readonly expect?: Expectation;
  /** What `--chaos` demands besides that a crash changes nothing. */
  readonly chaos?: {
    /** Tasks whose first failure must change neither status nor output: their states, or true for all. */
    readonly survives?: true | readonly string[];
    /** The error that is injected; default `States.TaskFailed`. */
    readonly error?: string;
    readonly skip?: boolean;
  };
}

/** By state name, in other machines and in child executions too. One answer for every call, or a list of answers. */
export interface Mocks {
  readonly [stateName: string]: MockAnswer | readonly MockAnswer[] | MockFunction;
}

/** In a list, a call takes the first answer whose `when` fits and that has not been given `times` times. */
export interface MockAnswer {
  /** The call's input must contain this. */
  readonly when?: Json;
  /** In a list, default 1; alone, without a bound. */
  readonly times?: number;
  /** The task's raw result, before ResultSelector. */
  readonly return?: Json;
  readonly throw?: { readonly error: string; readonly cause?: string };
}

/** TypeScript only. What it throws fails the task: with the error's name, and its message as the cause. */
export type MockFunction = (input: Json, call: { readonly stateName: string; readonly number: number }) => unknown;

export interface Expectation {
  /** Default SUCCEEDED, or FAILED where an error is expected. */
  readonly status?: "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";
  /** Equal; in TypeScript also a function that answers true, or says what is wrong. */
  readonly output?: Json | ((output: Json) => boolean | string);
  /** Contained: objects may have more members. */
  readonly outputContains?: Json;
  readonly error?: string;
  /** Equal, or `/a regular expression/`. */
  readonly cause?: string;
  /** The states of the top level, in the order they were entered. */
  readonly path?: readonly string[];
  /** How often states were entered, in branches, iterations and children too. */
  readonly visits?: { readonly [stateName: string]: number };
  readonly tasks?: { readonly [stateName: string]: TaskExpectation };
  /** Seconds that passed, in virtual time. */
  readonly seconds?: number | { readonly min?: number; readonly max?: number };
}

export interface TaskExpectation {
  /** Mocked calls. */
  readonly times?: number;
  /** Each must be contained in the input of a call of its own; order does not count. */
  readonly inputs?: readonly Json[];
}

/** Checks the types of a test file in TypeScript; gives it back as it is. */
export function defineTests(file: TestFile): TestFile {
  return file;
}
