// Waiting for what may never come, and for how long.
import type { Json } from "../../json.ts";
import {
  argumentsOf,
  isDistributed,
  type LintModel,
  type LintState,
  listOf,
  numberOf,
  objectOf,
  runsExpress,
  textsIn,
} from "../lint-model.ts";
import type { LintRule } from "../lint-rule.ts";

function hasTimeout({ fields }: LintState): boolean {
  return ["TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath"].some((name) =>
    Object.hasOwn(fields, name),
  );
}

function isBounded({ definition }: LintModel): boolean {
  return definition["TimeoutSeconds"] !== undefined;
}

function isCallback({ resource }: LintState): boolean {
  return resource?.kind === "service" && resource.pattern === "waitForTaskToken";
}

export const tokenWithoutTimeout: LintRule = {
  code: "token-without-timeout",
  severity: "ERROR",
  summary: "a token that nobody returns is waited for without end",
  check(model, report) {
    if (isBounded(model)) return;
    for (const state of model.states) {
      const isActivity = state.resource?.kind === "activity";
      if (!(isActivity || isCallback(state)) || hasTimeout(state)) continue;
      const whom = isActivity ? "an activity's worker" : "whoever gets the token";
      report(state.path, `"${state.name}" waits for ${whom} without end: give it TimeoutSeconds, or HeartbeatSeconds`);
    }
  },
};

export const syncWithoutTimeout: LintRule = {
  code: "sync-without-timeout",
  severity: "WARNING",
  summary: "a job that never ends is waited for without end",
  check(model, report) {
    if (isBounded(model)) return;
    for (const state of model.states) {
      const { resource } = state;
      if (resource?.kind !== "service" || resource.pattern !== "sync" || hasTimeout(state)) continue;
      report(state.path, `"${state.name}" waits for its job without end: give it TimeoutSeconds`);
    }
  },
};

/** The token itself, the whole of `Task`, or the whole context object. */
const TOKEN: readonly RegExp[] = [
  /\$\$\.Task\b/,
  /\$\$\['Task'\]/,
  /\$\$(?![.[])/,
  /\$states\.context\.Task\b/,
  /\$states\.context(?![.\w])/,
  /\$states(?![.\w])/,
];

export const tokenNotPassed: LintRule = {
  code: "token-not-passed",
  severity: "ERROR",
  summary: "nobody gets the token that is waited for",
  check({ states }, report) {
    for (const state of states) {
      if (!isCallback(state)) continue;
      if (passes(argumentsOf(state)) || passes(state.fields["InputPath"] ?? null)) continue;
      const token = state.queryLanguage === "JSONata" ? "$states.context.Task.Token" : "$$.Task.Token";
      report(state.path, `"${state.name}" gives nobody its task token (${token}): nobody can end it`);
    }
  },
};

function passes(given: Json | undefined): boolean {
  for (const { text } of textsIn(given, [])) if (TOKEN.some((pattern) => pattern.test(text))) return true;
  return false;
}

export const heartbeatNotBelowTimeout: LintRule = {
  code: "heartbeat-not-below-timeout",
  severity: "ERROR",
  summary: "the timeout comes before the first heartbeat is missed",
  check({ states }, report) {
    for (const state of states) {
      const heartbeat = numberOf(state.fields["HeartbeatSeconds"]);
      const timeout = numberOf(state.fields["TimeoutSeconds"]);
      if (heartbeat === undefined || timeout === undefined || heartbeat < timeout) continue;
      report(
        [...state.path, "HeartbeatSeconds"],
        `HeartbeatSeconds (${heartbeat}) must be less than TimeoutSeconds (${timeout}): it never counts`,
      );
    }
  },
};

const HTTP_SECONDS_MAX = 60;

export const http60s: LintRule = {
  code: "http-60s",
  severity: "WARNING",
  summary: "an HTTP task ends after 60 seconds",
  check({ states }, report) {
    for (const state of states) {
      const { resource } = state;
      if (resource?.kind !== "service" || resource.service !== "http") continue;
      const timeout = numberOf(state.fields["TimeoutSeconds"]);
      if (timeout === undefined || timeout <= HTTP_SECONDS_MAX) continue;
      const path = [...state.path, "TimeoutSeconds"];
      const message = `an HTTP task ends after ${HTTP_SECONDS_MAX} seconds, whatever TimeoutSeconds (${timeout}) says`;
      report(path, message, [{ path, value: HTTP_SECONDS_MAX }]);
    }
  },
};

const EXPRESS_SECONDS_MAX = 300;

/** AWS's diagnostics refuse it too. */
function refusedByExpress(state: LintState): string | undefined {
  const { resource } = state;
  if (state.type === "Map" && isDistributed(state)) return "distributed Map";
  if (resource?.kind === "activity") return "activities";
  if (resource?.kind !== "service" || resource.pattern === "requestResponse") return undefined;
  return isCallback(state) ? "tasks that wait for a token" : "tasks that wait for their job";
}

export const expressUnsupported: LintRule = {
  code: "express-unsupported",
  severity: "ERROR",
  summary: "an Express execution ends after five minutes, and does not wait for others",
  check(model, report) {
    for (const state of model.states) {
      if (!runsExpress(model, state)) continue;
      const refused = refusedByExpress(state);
      if (refused !== undefined) report(state.path, `an Express state machine has no ${refused}`);
      for (const member of state.type === "Wait" ? ["Seconds"] : ["TimeoutSeconds", "HeartbeatSeconds"]) {
        const seconds = numberOf(state.fields[member]);
        if (seconds === undefined || seconds <= EXPRESS_SECONDS_MAX) continue;
        const message = `an Express execution ends after ${EXPRESS_SECONDS_MAX} seconds, before ${member} (${seconds}) has passed`;
        report([...state.path, member], message);
      }
      for (const [i, retrier] of listOf(state.fields["Retry"]).entries()) {
        const first = numberOf(objectOf(retrier)["IntervalSeconds"]) ?? 1;
        if (first <= EXPRESS_SECONDS_MAX) continue;
        report(
          [...state.path, "Retry", i, "IntervalSeconds"],
          `an Express execution ends after ${EXPRESS_SECONDS_MAX} seconds, before the first retry (${first})`,
        );
      }
    }
  },
};
