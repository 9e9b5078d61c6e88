/** What the states of the new language do about errors (cloudflow.md 6.2). */
import type { Json, JsonObject } from "../json.ts";
import { handlersOf } from "./error-names.ts";
import type { FlowNode } from "./flow-findings.ts";
import { expressionOf } from "./flow-states.ts";
import type { StateSite, StatesCompiler } from "./states-flow.ts";

const INPUT = "$states.input";
/** cloudflow.md 6.2. */
const INTERVAL_SECONDS_MAX = 86_400;
const ATTEMPTS_MAX = 99_999_999;

/** Retry and Catch; also in the form of December 2023, OnErrors. */
export function errorHandling(compiler: StatesCompiler, site: StateSite): JsonObject {
  const { node } = site;
  if (node.has("OnErrors")) return onErrors(compiler, site);
  const retry = handlersOf(node.nodes("Retry"), "Errors").map(({ errorEquals, node: policy }) => {
    for (const field of ["MaxAttempts", "IntervalSeconds"]) policy.required(field);
    return retrier(errorEquals, policy, { interval: "IntervalSeconds", rate: "BackoffRate" });
  });
  const catchers = handlersOf(node.nodes("Catch"), "Errors").flatMap((handler) => catcher(compiler, site, handler));
  return handling(retry, catchers);
}

function onErrors(compiler: StatesCompiler, site: StateSite): JsonObject {
  const handlers = handlersOf(site.node.nodes("OnErrors"), "Errors");
  const retry = handlers.flatMap(({ errorEquals, node }) => {
    const policy = node.child("Retry");
    return policy === undefined ? [] : [retrier(errorEquals, policy, { interval: "FixedBackoff", rate: "Multiplier" })];
  });
  const catchers = handlers.flatMap((handler) => (handler.node.has("Next") ? catcher(compiler, site, handler) : []));
  return handling(retry, catchers);
}

function handling(retry: readonly Json[], catchers: readonly Json[]): JsonObject {
  return {
    ...(retry.length === 0 ? {} : { Retry: retry }),
    ...(catchers.length === 0 ? {} : { Catch: catchers }),
  };
}

/** Without a rate, the interval stays what it is. */
function retrier(
  errorEquals: readonly string[],
  policy: FlowNode,
  names: { readonly interval: string; readonly rate: string },
): JsonObject {
  const longest = policy.number("MaxBackoffSeconds", { min: 0, max: INTERVAL_SECONDS_MAX });
  return {
    ErrorEquals: errorEquals,
    IntervalSeconds: policy.number(names.interval, { min: 0, max: INTERVAL_SECONDS_MAX }) ?? 1,
    MaxAttempts: policy.number("MaxAttempts", { min: 0, max: ATTEMPTS_MAX }) ?? 3,
    BackoffRate: policy.number(names.rate, { min: 0, max: 1_000, whole: false }) ?? 1,
    ...(longest === undefined || longest === 0 ? {} : { MaxDelaySeconds: longest }),
  };
}

function catcher(
  compiler: StatesCompiler,
  site: StateSite,
  { errorEquals, node }: { readonly errorEquals: readonly string[]; readonly node: FlowNode },
): JsonObject[] {
  // What failed has no output; its constructor may ask for one all the same.
  const place = { state: site.name, caught: true, output: compiler.text.plain ? "{}" : "null" };
  const Output = compiler.constructed({ node }, "OutputConstructor", place) ?? expressionOf(INPUT);
  const Next = site.target(node, "Next");
  return Next === undefined ? [] : [{ ErrorEquals: errorEquals, Output, Next }];
}
