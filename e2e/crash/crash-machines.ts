import type { Json } from "@stepwell/core";

// State machines whose output and history are known whatever happens to the server that runs them.

/** A state machine, and what every execution of it with input `{"n": n}` must come to. */
export interface KnownMachine {
  readonly name: string;
  readonly definition: Json;
  output(n: number): Json;
  /** The types of its history's events between ExecutionStarted and ExecutionSucceeded. */
  readonly events: readonly string[];
  /** Whether the events come in that order; branches and iterations interleave. */
  readonly inOrder: boolean;
}

/** The ARNs that definitions name. */
export interface CrashArns {
  readonly activity: string;
  /** Answers `{"doubled": 2 * n}`. */
  readonly doubleFunction: string;
  /** Keeps the task token it is given in a file. */
  readonly keepTokenFunction: string;
  readonly childMachine: string;
}

const pass = ["PassStateEntered", "PassStateExited"];
const wait = ["WaitStateEntered", "WaitStateExited"];
const choice = ["ChoiceStateEntered", "ChoiceStateExited"];
const lambda = ["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded"];
const task = (...inside: string[]): string[] => ["TaskStateEntered", ...inside, "TaskStateExited"];
const times = (count: number, events: readonly string[]): string[] =>
  Array.from({ length: count }, () => events).flat();

const LOOPS = 8;
const ITEMS = [1, 2, 3, 4, 5, 6];

/** The machine that `parents` start: two Pass states. */
export const childMachine: KnownMachine = {
  name: "crash-child",
  definition: {
    StartAt: "One",
    States: {
      One: { Type: "Pass", Result: 1, ResultPath: "$.one", Next: "Two" },
      Two: { Type: "Pass", Result: 2, ResultPath: "$.two", End: true },
    },
  },
  output: (n) => ({ n, one: 1, two: 2 }),
  events: times(2, pass),
  inOrder: true,
};

/** One machine for each way in which an execution can stand when the server dies. */
export function knownMachines(arns: CrashArns): KnownMachine[] {
  return [chain, waiting, loop, tasks(arns), callback(arns), activity(arns), parallel(arns), map, parent(arns), caught];
}

const chain: KnownMachine = {
  name: "crash-chain",
  definition: {
    StartAt: "S1",
    States: Object.fromEntries(
      ITEMS.map((item) => [
        `S${item}`,
        {
          Type: "Pass",
          Result: item,
          ResultPath: `$.s${item}`,
          ...(item === ITEMS.length ? { End: true } : { Next: `S${item + 1}` }),
        },
      ]),
    ),
  },
  output: (n) => ({ n, ...Object.fromEntries(ITEMS.map((item) => [`s${item}`, item])) }),
  events: times(ITEMS.length, pass),
  inOrder: true,
};

const waiting: KnownMachine = {
  name: "crash-wait",
  definition: {
    StartAt: "Wait",
    States: {
      Wait: { Type: "Wait", Seconds: 1, Next: "Again" },
      Again: { Type: "Wait", Seconds: 1, Next: "Done" },
      Done: { Type: "Pass", End: true },
    },
  },
  output: (n) => ({ n }),
  events: [...wait, ...wait, ...pass],
  inOrder: true,
};

const loop: KnownMachine = {
  name: "crash-loop",
  definition: {
    QueryLanguage: "JSONata",
    StartAt: "Begin",
    States: {
      Begin: { Type: "Pass", Assign: { count: 0, n: "{% $states.input.n %}" }, Next: "Count" },
      Count: { Type: "Pass", Assign: { count: "{% $count + 1 %}" }, Next: "Enough" },
      Enough: { Type: "Choice", Choices: [{ Condition: `{% $count >= ${LOOPS} %}`, Next: "Rest" }], Default: "Count" },
      Rest: { Type: "Wait", Seconds: 1, Next: "Done" },
      Done: { Type: "Pass", Output: { n: "{% $n %}", count: "{% $count %}" }, End: true },
    },
  },
  output: (n) => ({ n, count: LOOPS }),
  events: [...pass, ...times(LOOPS, [...pass, ...choice]), ...wait, ...pass],
  inOrder: true,
};

function tasks({ doubleFunction }: CrashArns): KnownMachine {
  return {
    name: "crash-tasks",
    definition: {
      StartAt: "First",
      States: {
        First: { Type: "Task", Resource: doubleFunction, ResultPath: "$.first", Next: "Second" },
        Second: { Type: "Task", Resource: doubleFunction, ResultPath: "$.second", End: true },
      },
    },
    output: (n) => ({ n, first: { doubled: 2 * n }, second: { doubled: 2 * n } }),
    events: times(2, task(...lambda)),
    inOrder: true,
  };
}

function callback({ keepTokenFunction }: CrashArns): KnownMachine {
  return {
    name: "crash-callback",
    definition: {
      StartAt: "Ask",
      States: {
        Ask: {
          Type: "Task",
          Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
          Parameters: { FunctionName: keepTokenFunction, Payload: { "token.$": "$$.Task.Token", "n.$": "$.n" } },
          ResultPath: "$.answer",
          End: true,
        },
      },
    },
    output: (n) => ({ n, answer: { answered: n } }),
    // A token can come back before the function that sent it has: then there is no TaskSubmitted.
    events: task("TaskScheduled", "TaskStarted", "TaskSubmitted?", "TaskSucceeded"),
    inOrder: true,
  };
}

function activity({ activity: resource }: CrashArns): KnownMachine {
  return {
    name: "crash-activity",
    definition: {
      StartAt: "Work",
      States: {
        Work: {
          Type: "Task",
          Resource: resource,
          TimeoutSeconds: 4,
          // A worker that got its task as the server died never hears of it: the next attempt is another's.
          Retry: [{ ErrorEquals: ["States.Timeout"], IntervalSeconds: 1, BackoffRate: 1, MaxAttempts: 100 }],
          ResultPath: "$.work",
          End: true,
        },
      },
    },
    output: (n) => ({ n, work: { worked: n } }),
    events: task("ActivityScheduled", "ActivityStarted", "ActivitySucceeded"),
    inOrder: true,
  };
}

function parallel({ doubleFunction }: CrashArns): KnownMachine {
  const branch = (name: string, state: Json): Json => ({ StartAt: name, States: { [name]: state } });
  return {
    name: "crash-parallel",
    definition: {
      StartAt: "All",
      States: {
        All: {
          Type: "Parallel",
          Branches: [
            branch("Pass", { Type: "Pass", Result: "passed", End: true }),
            branch("Wait", { Type: "Wait", Seconds: 1, End: true }),
            branch("Task", { Type: "Task", Resource: doubleFunction, End: true }),
          ],
          End: true,
        },
      },
    },
    output: (n) => ["passed", { n }, { doubled: 2 * n }],
    events: [
      ...["ParallelStateEntered", "ParallelStateStarted"],
      ...[...pass, ...wait, ...task(...lambda)],
      ...["ParallelStateSucceeded", "ParallelStateExited"],
    ],
    inOrder: false,
  };
}

const map: KnownMachine = {
  name: "crash-map",
  definition: {
    StartAt: "Items",
    States: {
      Items: { Type: "Pass", Result: ITEMS, ResultPath: "$.items", Next: "Each" },
      Each: {
        Type: "Map",
        ItemsPath: "$.items",
        MaxConcurrency: 2,
        ItemSelector: { "n.$": "$.n", "item.$": "$$.Map.Item.Value" },
        ItemProcessor: {
          StartAt: "Mark",
          States: {
            Mark: { Type: "Pass", Result: true, ResultPath: "$.marked", Next: "Pause" },
            Pause: { Type: "Wait", Seconds: 1, End: true },
          },
        },
        End: true,
      },
    },
  },
  output: (n) => ITEMS.map((item) => ({ n, item, marked: true })),
  events: [
    ...[...pass, "MapStateEntered", "MapStateStarted"],
    ...times(ITEMS.length, ["MapIterationStarted", ...pass, ...wait, "MapIterationSucceeded"]),
    ...["MapStateSucceeded", "MapStateExited"],
  ],
  inOrder: false,
};

function parent({ childMachine: child }: CrashArns): KnownMachine {
  return {
    name: "crash-parent",
    definition: {
      StartAt: "Child",
      States: {
        Child: {
          Type: "Task",
          Resource: "arn:aws:states:::states:startExecution.sync:2",
          Parameters: { StateMachineArn: child, Input: { "n.$": "$.n" } },
          OutputPath: "$.Output",
          End: true,
        },
      },
    },
    output: (n) => childMachine.output(n),
    events: task("TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"),
    inOrder: true,
  };
}

const caught: KnownMachine = {
  name: "crash-caught",
  definition: {
    StartAt: "Try",
    States: {
      Try: {
        Type: "Parallel",
        Branches: [{ StartAt: "No", States: { No: { Type: "Fail", Error: "Own", Cause: "meant" } } }],
        Retry: [{ ErrorEquals: ["Own"], IntervalSeconds: 1, MaxAttempts: 1 }],
        Catch: [{ ErrorEquals: ["Own"], ResultPath: "$.caught", Next: "Caught" }],
        Next: "Caught",
      },
      Caught: { Type: "Pass", End: true },
    },
  },
  output: (n) => ({ n, caught: { Error: "Own", Cause: "meant" } }),
  events: [
    "ParallelStateEntered",
    ...times(2, ["ParallelStateStarted", "FailStateEntered"]),
    ...["ParallelStateFailed", "ParallelStateExited"],
    ...pass,
  ],
  inOrder: true,
};
