/**
 * The compiled definition: what `parseStateMachine` returns and `transition` reads. Immutable, made once per revision.
 * Expressions are compiled when the definition is parsed; nothing is parsed again while an execution runs.
 */
import type { EvaluationScope } from "../data/evaluation-scope.ts";
import type { Json } from "../json.ts";

export type QueryLanguage = "JSONPath" | "JSONata";
export type StateMachineType = "STANDARD" | "EXPRESS";

/** CloudFlow's languages: `type: flow` with steps, and `Type: StateMachine` with a list of states. */
export type FlowLanguage = "steps" | "states";

export interface StateMachine {
  readonly type: StateMachineType;
  /**
   * The definition was compiled from a flow. Then expressions may call the functions of data/flow-functions.ts, variables are
   * the execution's and not the scope's, a finished task's token is still in the context object, and bounds are the flow's.
   */
  readonly flow?: FlowLanguage;
  readonly comment?: string;
  readonly queryLanguage: QueryLanguage;
  /** TimeoutSeconds of the whole execution. */
  readonly timeoutSeconds?: number;
  readonly root: StatesBlock;
  /** Every state by name, nested ones too: names are unique in a whole state machine. */
  readonly states: ReadonlyMap<string, State>;
  /** For DescribeStateMachine.variableReferences: state name to the variables it refers to (`$x` without the `$`), in order of appearance. */
  readonly variableReferences: ReadonlyMap<string, readonly string[]>;
  /**
   * What keeps a task from being started, told from its state and its parameters (JSON text) alone: the state then fails
   * with States.Runtime before anything is scheduled. Whoever performs tasks sets it. Pure, and undefined when all is well.
   */
  readonly parametersProblem?: (state: TaskState, parameters: string) => string | undefined;
}

/** The top level, a branch of a Parallel, or the processor of a Map. */
export interface StatesBlock {
  readonly startAt: string;
  /** The names of the states of this block alone. */
  readonly names: ReadonlySet<string>;
  /** JSON Pointer of the block, "" for the top level. */
  readonly pointer: string;
}

/**
 * A compiled value: a payload template, a path, a JSONata expression or a literal.
 * `evaluate` throws a StatesErrorSignal with AWS's error name and cause (without the "An error occurred while executing
 * the state …" prefix, which `transition` adds to States.Runtime).
 */
export interface Expression<T extends Json | undefined = Json> {
  /** As written in the definition: the template, the path or the expression text. */
  readonly source: Json;
  /** Set when the value does not depend on the scope. */
  readonly literal?: T;
  evaluate(scope: EvaluationScope): T;
}

/** A reference path to write to (ResultPath). `null` in the definition is `discard`. */
export interface ResultTarget {
  readonly source: string;
  /** Returns a copy of `input` with `value` put at the path, sharing the rest; throws States.ResultPathMatchFailure. */
  write(input: Json, value: Json): Json;
}

export interface CommonState {
  readonly name: string;
  readonly queryLanguage: QueryLanguage;
  readonly comment?: string;
  /** JSON Pointer of the state in the definition. */
  readonly pointer: string;
  /** Absent on Choice, Succeed and Fail; `null` means End: true. */
  readonly next?: string | null;
  // JSONPath only. Absent = the default.
  /** `null` in the definition compiles to an expression that gives `{}`. */
  readonly inputPath?: Expression;
  readonly outputPath?: Expression;
  // JSONata only.
  readonly output?: Expression;
  readonly assign?: Assignments;
}

/** `Assign`: all right-hand sides see the variables from before; evaluates to one object, name to value. */
export type Assignments = Expression<{ readonly [name: string]: Json }>;

export interface WithResult {
  /** Parameters (JSONPath) or Arguments (JSONata). */
  readonly parameters?: Expression;
  readonly resultSelector?: Expression;
  /** Absent = `$` (the result replaces the input); `"discard"` = null. */
  readonly resultPath?: ResultTarget | "discard";
}

export interface WithErrorHandling {
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
}

export interface Retrier {
  readonly errorEquals: readonly string[];
  readonly intervalSeconds: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds?: number;
  readonly jitterStrategy: "NONE" | "FULL";
}

export interface Catcher {
  readonly errorEquals: readonly string[];
  readonly next: string;
  readonly resultPath?: ResultTarget | "discard";
  readonly assign?: Assignments;
  readonly output?: Expression;
}

export interface PassState extends CommonState, WithResult {
  readonly type: "Pass";
  readonly next: string | null;
  /** The literal Result, when the field is present. */
  readonly result?: Json;
}

export interface TaskState extends CommonState, WithResult, WithErrorHandling {
  readonly type: "Task";
  readonly next: string | null;
  readonly resource: TaskResource;
  readonly credentialsRoleArn?: Expression<string>;
  /** Evaluates to a whole number of seconds > 0; throws the AWS wording otherwise. */
  readonly timeoutSeconds?: Expression<number>;
  readonly heartbeatSeconds?: Expression<number>;
}

/** A Task's Resource, taken apart. */
export type TaskResource =
  | { readonly kind: "lambda"; readonly arn: string }
  | { readonly kind: "activity"; readonly arn: string }
  | {
      /** `arn:aws:states:::<service>:<action>[.<pattern>]`, `aws-sdk:<service>:<action>` included. */
      readonly kind: "service";
      readonly arn: string;
      readonly partition: string;
      /** `lambda`, `sqs`, `aws-sdk:dynamodb`: the history's resourceType. */
      readonly service: string;
      /** `invoke`, `putItem`: without the pattern. */
      readonly action: string;
      readonly pattern: "requestResponse" | "sync" | "waitForTaskToken";
      /** The history's resource: action with the pattern's suffix as written, `startExecution.sync:2`. */
      readonly resource: string;
    };

export interface ChoiceState extends CommonState {
  readonly type: "Choice";
  readonly choices: readonly ChoiceRule[];
  readonly default?: string;
}

export interface ChoiceRule {
  /** True when the rule matches. JSONata: a condition that is not a boolean throws States.QueryEvaluationError. */
  readonly condition: Expression<boolean>;
  readonly next: string;
  readonly assign?: Assignments;
  readonly output?: Expression;
}

export interface WaitState extends CommonState {
  readonly type: "Wait";
  readonly next: string | null;
  /** When to wake: seconds after entering, or a point in time in ms. Throws the AWS wording for bad run-time values. */
  readonly until:
    | { readonly kind: "seconds"; readonly seconds: Expression<number> }
    | { readonly kind: "timestamp"; readonly at: Expression<number> };
}

export interface SucceedState extends CommonState {
  readonly type: "Succeed";
}

export interface FailState extends CommonState {
  readonly type: "Fail";
  readonly error?: Expression<string>;
  readonly cause?: Expression<string>;
}

export interface ParallelState extends CommonState, WithResult, WithErrorHandling {
  readonly type: "Parallel";
  readonly next: string | null;
  readonly branches: readonly StatesBlock[];
}

export interface MapState extends CommonState, Omit<WithResult, "parameters">, WithErrorHandling {
  readonly type: "Map";
  readonly next: string | null;
  readonly processor: StatesBlock;
  /** ItemsPath or Items; absent = the effective input (JSONPath) or the raw input (JSONata). Checked by the Map itself. */
  readonly items?: Expression;
  /** ItemSelector, or the legacy Parameters of a Map. Sees `$$.Map.Item`. */
  readonly itemSelector?: Expression;
  /** 0 = unlimited. Throws the AWS wording for bad run-time values. */
  readonly maxConcurrency?: Expression<number>;
  /** Present when ProcessorConfig.Mode is DISTRIBUTED. */
  readonly distributed?: DistributedMapConfig;
}

export interface DistributedMapConfig {
  readonly executionType: StateMachineType;
  readonly label?: string;
  readonly itemReader?: ItemReaderConfig;
  readonly itemBatcher?: {
    readonly maxItemsPerBatch?: Expression<number>;
    readonly maxInputBytesPerBatch?: Expression<number>;
    readonly batchInput?: Expression;
  };
  readonly resultWriter?: {
    readonly resource?: string;
    readonly parameters?: Expression;
    readonly outputType: "JSON" | "JSONL";
    readonly transformation: "NONE" | "COMPACT" | "FLATTEN";
  };
  readonly toleratedFailureCount?: Expression<number>;
  readonly toleratedFailurePercentage?: Expression<number>;
}

export interface ItemReaderConfig {
  readonly resource: string;
  readonly parameters?: Expression;
  readonly inputType?: "CSV" | "JSON" | "JSONL" | "PARQUET" | "MANIFEST";
  readonly transformation?: "NONE" | "LOAD_AND_FLATTEN";
  readonly manifestType?: "ATHENA_DATA" | "S3_INVENTORY";
  readonly itemsPointer?: string;
  readonly csvHeaderLocation?: "FIRST_ROW" | "GIVEN";
  readonly csvHeaders?: readonly string[];
  readonly csvDelimiter?: "COMMA" | "PIPE" | "SEMICOLON" | "SPACE" | "TAB";
  readonly maxItems?: Expression<number>;
}

export type State =
  | PassState
  | TaskState
  | ChoiceState
  | WaitState
  | SucceedState
  | FailState
  | ParallelState
  | MapState;
