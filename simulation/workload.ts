/** What the simulated executions do, and how each must end whatever goes wrong around it. */
import type { JsonObject } from "@stepwell/core";

/** How tasks behave here is in the input: see `SimulatedWorld`. */
export interface Kind {
  readonly name: string;
  readonly definition: object;
  /** The output the execution must have when nobody stops it; `"FAILED"` when it must fail. */
  expected(input: WorkInput): unknown;
}

export interface WorkInput extends JsonObject {
  readonly n: number;
  readonly items: readonly number[];
}

/** The answer of every task to its input. */
export function answer(n: number): { readonly value: number } {
  return { value: n * 2 + 1 };
}

const LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:work";
export const ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:work";
const SYNC = "arn:aws:states:::glue:startJobRun.sync";
const CALLBACK = "arn:aws:states:::sqs:sendMessage.waitForTaskToken";

/** Attempts are lost and fail on purpose, a bounded number of times for each task: these retries outlast them. */
export const UNLUCKY_ATTEMPTS_MAX = 3;
const RETRY = [
  { ErrorEquals: ["Flaky"], IntervalSeconds: 2, MaxAttempts: 50, BackoffRate: 1.2, MaxDelaySeconds: 20 },
  { ErrorEquals: ["States.Timeout"], IntervalSeconds: 1, MaxAttempts: 50, BackoffRate: 1 },
];

function task(resource: string, more: object): object {
  const parameters = resource === LAMBDA || resource === ACTIVITY ? {} : { Parameters: { "n.$": "$.n" } };
  return { Type: "Task", Resource: resource, ...parameters, TimeoutSeconds: 120, Retry: RETRY, ...more };
}

function callback(more: object): object {
  return task(CALLBACK, { Parameters: { "n.$": "$.n", "Token.$": "$$.Task.Token" }, ...more });
}

/** Its name begins with "Patient": such tasks are always answered in the end. */
function patient(resource: string): object {
  const parameters = { "n.$": "$.n", ...(resource === CALLBACK ? { "Token.$": "$$.Task.Token" } : {}) };
  const sent = resource === LAMBDA ? {} : { Parameters: parameters };
  return { Type: "Task", Resource: resource, ...sent, Retry: [RETRY[0]], End: true };
}

/** Some 20,000 operations. */
const LONG = "$sum([1..1000].($ * 2))";
const LONG_VALUE = 1_001_000;
/** Evaluation that the engine's thread gives a decision: a tenth of that. */
export const QUICK_MS = 0.02;

export const KINDS: readonly Kind[] = [
  {
    name: "waits",
    definition: {
      StartAt: "A",
      States: {
        A: { Type: "Wait", Seconds: 30, Next: "B" },
        B: { Type: "Pass", Result: "passed", ResultPath: "$.seen", Next: "C" },
        C: { Type: "Wait", Seconds: 7, Next: "D" },
        D: { Type: "Pass", OutputPath: "$.seen", End: true },
      },
    },
    expected: () => "passed",
  },
  {
    name: "tasks",
    definition: {
      StartAt: "A",
      States: {
        A: task(LAMBDA, { ResultPath: "$.a", Next: "B" }),
        B: task(SYNC, { ResultPath: "$.b", Next: "C" }),
        C: callback({ ResultPath: "$.c", Next: "D" }),
        D: { Type: "Pass", Parameters: { "all.$": "States.Array($.a, $.b, $.c)" }, End: true },
      },
    },
    expected: ({ n }) => ({ all: [answer(n), answer(n), answer(n)] }),
  },
  {
    // Nothing here has a timeout that would cover up for a task that was forgotten.
    name: "patient",
    definition: {
      StartAt: "P",
      States: {
        P: {
          Type: "Parallel",
          Branches: [
            { StartAt: "Patient1", States: { Patient1: patient(LAMBDA) } },
            { StartAt: "Patient2", States: { Patient2: patient(SYNC) } },
            { StartAt: "Patient3", States: { Patient3: patient(CALLBACK) } },
          ],
          End: true,
        },
      },
    },
    expected: ({ n }) => [answer(n), answer(n), answer(n)],
  },
  {
    name: "alone",
    definition: { StartAt: "Patient1", States: { Patient1: patient(LAMBDA) } },
    expected: ({ n }) => answer(n),
  },
  {
    name: "job",
    definition: { StartAt: "Patient2", States: { Patient2: patient(SYNC) } },
    expected: ({ n }) => answer(n),
  },
  {
    // Its job never ends by itself: whoever gives up waiting must stop it.
    name: "endless",
    definition: { StartAt: "Endless", States: { Endless: task(SYNC, { TimeoutSeconds: 40, Retry: [], End: true }) } },
    expected: () => "FAILED",
  },
  {
    name: "activity",
    definition: {
      StartAt: "A",
      States: { A: task(ACTIVITY, { HeartbeatSeconds: 60, End: true }) },
    },
    expected: ({ n }) => answer(n),
  },
  {
    name: "caught",
    definition: {
      StartAt: "A",
      States: {
        A: {
          Type: "Task",
          Resource: `${LAMBDA}-boom`,
          TimeoutSeconds: 120,
          Retry: RETRY,
          Catch: [{ ErrorEquals: ["Boom"], ResultPath: "$.error", Next: "B" }],
          End: true,
        },
        B: { Type: "Wait", Seconds: 5, Next: "C" },
        C: { Type: "Pass", Parameters: { "caught.$": "$.error.Error", "n.$": "$.n" }, End: true },
      },
    },
    expected: ({ n }) => ({ caught: "Boom", n }),
  },
  {
    name: "fails",
    definition: {
      StartAt: "A",
      States: { A: { Type: "Task", Resource: `${LAMBDA}-boom`, TimeoutSeconds: 120, Retry: RETRY, End: true } },
    },
    expected: () => "FAILED",
  },
  {
    name: "parallel",
    definition: {
      StartAt: "P",
      States: {
        P: {
          Type: "Parallel",
          Branches: [
            { StartAt: "A", States: { A: task(LAMBDA, { End: true }) } },
            {
              StartAt: "W",
              States: {
                W: { Type: "Wait", Seconds: 20, Next: "X" },
                X: { Type: "Pass", OutputPath: "$.n", End: true },
              },
            },
            { StartAt: "C", States: { C: callback({ End: true }) } },
            { StartAt: "J", States: { J: task(SYNC, { End: true }) } },
          ],
          Next: "End",
        },
        End: { Type: "Succeed" },
      },
    },
    expected: ({ n }) => [answer(n), n, answer(n), answer(n)],
  },
  {
    name: "map",
    definition: {
      StartAt: "M",
      States: {
        M: {
          Type: "Map",
          ItemsPath: "$.items",
          MaxConcurrency: 3,
          ItemSelector: { "n.$": "$$.Map.Item.Value" },
          ItemProcessor: {
            StartAt: "T",
            States: {
              T: task(LAMBDA, { Next: "W" }),
              W: { Type: "Wait", Seconds: 3, Next: "V" },
              V: { Type: "Pass", OutputPath: "$.value", End: true },
            },
          },
          End: true,
        },
      },
    },
    expected: ({ items }) => items.map((item) => answer(item).value),
  },
  {
    // Expressions that take longer than the engine's thread gives them.
    name: "long",
    definition: {
      QueryLanguage: "JSONata",
      StartAt: "First",
      States: {
        First: { Type: "Pass", Assign: { some: `{% ${LONG} %}` }, Next: "M" },
        M: {
          Type: "Map",
          Items: "{% $states.input.items %}",
          MaxConcurrency: 3,
          ItemProcessor: {
            StartAt: "W",
            States: {
              W: { Type: "Wait", Seconds: 3, Next: "T" },
              T: {
                Type: "Task",
                Resource: LAMBDA,
                Arguments: { n: `{% $states.input + ${LONG} - $some %}` },
                Output: `{% $states.result.value + ${LONG} - $some %}`,
                TimeoutSeconds: 120,
                Retry: RETRY,
                End: true,
              },
            },
          },
          Next: "Last",
        },
        Last: { Type: "Pass", Output: `{% { 'all': $states.input, 'some': ${LONG} } %}`, End: true },
      },
    },
    expected: ({ items }) => ({ all: items.map((item) => answer(item).value), some: LONG_VALUE }),
  },
  {
    name: "loop",
    definition: {
      StartAt: "Zero",
      States: {
        Zero: { Type: "Pass", Result: 0, ResultPath: "$.i", Next: "More" },
        More: {
          Type: "Choice",
          Choices: [{ Variable: "$.i", NumericLessThan: 12, Next: "Count" }],
          Default: "Done",
        },
        Count: {
          Type: "Pass",
          Parameters: { "n.$": "$.n", "items.$": "$.items", "i.$": "States.MathAdd($.i, 1)" },
          Next: "Wait",
        },
        Wait: { Type: "Wait", Seconds: 2, Next: "More" },
        Done: { Type: "Pass", OutputPath: "$.i", End: true },
      },
    },
    expected: () => 12,
  },
];

/** At most this many Map iterations of one execution may have a task under way. */
export const MAP_CONCURRENCY = 3;
