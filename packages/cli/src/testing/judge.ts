import type { Json } from "@stepwell/core";
import { contains, differences, shown } from "./contains.ts";
import type { Ended } from "./run-case.ts";
import type { Expectation, TaskExpectation } from "./test-file.ts";

/** What is not as expected, a line each; empty: the case passed. */
export function judge(ended: Ended, expected: Expectation = {}): string[] {
  return [
    ...ended.unanswered.map((what) => `mocks: ${what}`),
    ...judgeEnd(ended, expected),
    ...judgeOutput(ended, expected),
    ...judgePath(ended, expected),
    ...Object.entries(expected.visits ?? {}).flatMap(([state, times]) => judgeVisits(ended, state, times)),
    ...Object.entries(expected.tasks ?? {}).flatMap(([state, task]) => judgeTask(ended, state, task)),
    ...judgeSeconds(ended, expected.seconds),
  ];
}

function judgeEnd(ended: Ended, { status, error, cause }: Expectation): string[] {
  const wanted = status ?? (error === undefined && cause === undefined ? "SUCCEEDED" : "FAILED");
  const why = [ended.error, ended.cause].filter((part) => part !== undefined).join(": ");
  if (ended.status !== wanted) {
    return [`status: is ${ended.status}${why === "" ? "" : ` (${why.slice(0, 500)})`}, expected ${wanted}`];
  }
  const problems: string[] = [];
  if (error !== undefined && ended.error !== error) {
    problems.push(`error: is ${shown(ended.error)}, expected ${shown(error)}`);
  }
  if (cause !== undefined && !causeFits(ended.cause ?? "", cause)) {
    problems.push(`cause: is ${shown(ended.cause)}, expected ${cause}`);
  }
  return problems;
}

function causeFits(is: string, wanted: string): boolean {
  const pattern = /^\/(.*)\/$/s.exec(wanted)?.[1];
  return pattern === undefined ? is === wanted : new RegExp(pattern, "su").test(is);
}

function judgeOutput(ended: Ended, { output, outputContains }: Expectation): string[] {
  if (ended.output === undefined) return [];
  const is = JSON.parse(ended.output) as Json;
  const problems: string[] = [];
  if (typeof output === "function") {
    const answer = output(is);
    if (answer !== true) problems.push(`output: ${answer === false ? `${shown(is)} was refused` : answer}`);
  } else if (output !== undefined) {
    problems.push(...differences(is, output, "equal").map((difference) => `output: ${difference}`));
  }
  if (outputContains !== undefined) {
    problems.push(...differences(is, outputContains, "contained").map((difference) => `output: ${difference}`));
  }
  return problems;
}

function judgePath({ path }: Ended, { path: wanted }: Expectation): string[] {
  if (wanted === undefined || (path.length === wanted.length && path.every((name, i) => name === wanted[i]))) return [];
  const at = wanted.findIndex((name, i) => name !== path[i]);
  const step = at < 0 ? wanted.length : at;
  const is = path[step] === undefined ? "it ended" : `it went to ${path[step]}`;
  return [`path: at step ${step + 1} ${is}, expected ${wanted[step] ?? "the end"}; taken: ${path.join(" → ")}`];
}

function judgeVisits({ entered }: Ended, state: string, times: number): string[] {
  const is = entered.filter((name) => name === state).length;
  return is === times ? [] : [`visits: ${state} was entered ${is} times, expected ${times}`];
}

function judgeTask({ calls }: Ended, state: string, { times, inputs }: TaskExpectation): string[] {
  const own = calls.filter(({ stateName }) => stateName === state).map(({ input }) => input);
  const problems: string[] = [];
  if (times !== undefined && own.length !== times) {
    problems.push(`tasks: ${state} was called ${own.length} times, expected ${times}`);
  }
  const left = [...own];
  for (const wanted of inputs ?? []) {
    const at = left.findIndex((input) => contains(input, wanted));
    if (at >= 0) left.splice(at, 1);
    else problems.push(`tasks: ${state} was never called with ${shown(wanted)}; its inputs: ${shown(own)}`);
  }
  return problems;
}

function judgeSeconds({ seconds }: Ended, wanted: Expectation["seconds"]): string[] {
  if (wanted === undefined) return [];
  const { min, max } = typeof wanted === "number" ? { min: wanted, max: wanted } : wanted;
  const fits = (min === undefined || seconds >= min) && (max === undefined || seconds <= max);
  return fits ? [] : [`seconds: ${seconds} passed, expected ${min ?? 0} to ${max ?? "any number"}`];
}
