/** `MockConfigFile.json`, as AWS Step Functions Local reads it (AWS, "Using mocked service integrations"). */
import type { Json } from "@stepwell/core";

export interface MockConfig {
  readonly StateMachines: {
    readonly [name: string]: {
      readonly TestCases: { readonly [testCase: string]: { readonly [state: string]: string } };
    };
  };
  readonly MockedResponses: { readonly [name: string]: MockedResponse };
}

/** By the number of the call, from `"0"`, or by a range of them: `"1-3"`. */
export interface MockedResponse {
  readonly [calls: string]: MockedAnswer;
}

export type MockedAnswer =
  | { readonly Return: Json }
  | { readonly Throw: { readonly Error: string; readonly Cause?: string } };

/** Of the calls of one mocked response. */
const CALLS_MAX = 1_000_000;

/** The form of the file, as a JSON Schema (draft 7). What it cannot say, `mockConfigProblems` does. */
export const MOCK_CONFIG_SCHEMA: object = {
  type: "object",
  required: ["StateMachines", "MockedResponses"],
  additionalProperties: false,
  properties: {
    StateMachines: {
      type: "object",
      additionalProperties: {
        type: "object",
        required: ["TestCases"],
        additionalProperties: false,
        properties: {
          TestCases: {
            type: "object",
            additionalProperties: { type: "object", additionalProperties: { type: "string" } },
          },
        },
      },
    },
    MockedResponses: {
      type: "object",
      additionalProperties: {
        type: "object",
        minProperties: 1,
        propertyNames: { pattern: "^\\d{1,7}(-\\d{1,7})?$" },
        additionalProperties: {
          type: "object",
          additionalProperties: false,
          minProperties: 1,
          maxProperties: 1,
          properties: {
            Return: {},
            Throw: {
              type: "object",
              required: ["Error"],
              additionalProperties: false,
              properties: { Error: { type: "string" }, Cause: { type: "string" } },
            },
          },
        },
      },
    },
  },
};

/** What is wrong with a file that has the form: responses that do not exist, ranges that overlap or leave a gap. */
export function mockConfigProblems(config: MockConfig): string[] {
  const problems: string[] = [];
  for (const [machine, { TestCases }] of Object.entries(config.StateMachines)) {
    for (const [testCase, states] of Object.entries(TestCases)) {
      for (const [state, response] of Object.entries(states)) {
        if (Object.hasOwn(config.MockedResponses, response)) continue;
        const place = `/StateMachines/${machine}/TestCases/${testCase}/${state}`;
        problems.push(`${place}: must be the name of a mocked response, got "${response}"`);
      }
    }
  }
  for (const [name, response] of Object.entries(config.MockedResponses)) {
    let next = 0;
    const ranges = Object.keys(response).map((calls) => ({ calls, ...rangeOf(calls) }));
    for (const { calls, first, last } of ranges.toSorted((a, b) => a.first - b.first)) {
      const place = `/MockedResponses/${name}/${calls}`;
      if (last < first || last > CALLS_MAX)
        problems.push(`${place}: must be a range from a smaller number to a larger`);
      else if (first !== next) problems.push(`${place}: must begin with ${next}, the first call without an answer`);
      next = last + 1;
    }
  }
  return problems;
}

function rangeOf(calls: string): { first: number; last: number } {
  const [first = "0", last = first] = calls.split("-");
  return { first: Number(first), last: Number(last) };
}

/** The answer to the call of this number, from 0. */
export function mockedAnswer(response: MockedResponse, call: number): MockedAnswer | undefined {
  for (const [calls, answer] of Object.entries(response)) {
    const { first, last } = rangeOf(calls);
    if (call >= first && call <= last) return answer;
  }
  return undefined;
}
