// What happens when something fails: catchers, retriers, and what they leave.
import type { Json } from "../../json.ts";
import {
  holdersOf,
  isDistributed,
  type LintState,
  listOf,
  numberOf,
  objectOf,
  ownTexts,
  textOf,
  within,
} from "../lint-model.ts";
import type { LintRule } from "../lint-rule.ts";

function namesOf(handler: Json | undefined): readonly string[] {
  return listOf(objectOf(handler)["ErrorEquals"]).filter((name) => typeof name === "string");
}

function catchesAll(state: LintState): boolean {
  return listOf(state.fields["Catch"]).some((catcher) =>
    namesOf(catcher).some((name) => name === "States.ALL" || name === "States.TaskFailed"),
  );
}

/** Whether a failure inside the block stays inside the block. */
function letsFailuresOut(map: LintState): LintState | undefined {
  for (const block of map.blocks) {
    for (const state of within(block)) {
      if (state.type !== "Task" || catchesAll(state)) continue;
      const caught = [...holdersOf(state)].some(
        (holder) => holder !== map && isInside(holder, map) && catchesAll(holder),
      );
      if (!caught) return state;
    }
  }
  return undefined;
}

function isInside(state: LintState, map: LintState): boolean {
  for (const holder of holdersOf(state)) if (holder === map) return true;
  return false;
}

function toleratesFailures({ fields }: LintState): boolean {
  const members = ["ToleratedFailurePercentage", "ToleratedFailureCount"];
  return members.some((member) => {
    const value = fields[member] ?? fields[`${member}Path`];
    return value !== undefined && value !== 0;
  });
}

export const mapItemUncaught: LintRule = {
  code: "map-item-uncaught",
  severity: "WARNING",
  summary: "one failed item fails the whole Map",
  check({ states }, report) {
    for (const map of states) {
      if (map.type !== "Map" || (isDistributed(map) && toleratesFailures(map))) continue;
      const task = letsFailuresOut(map);
      if (task === undefined) continue;
      report(
        map.path,
        `when "${task.name}" fails for one item, "${map.name}" fails and its other items are cancelled: ` +
          `catch the error in the processor${isDistributed(map) ? ", or tolerate failures" : ""}`,
      );
    }
  },
};

export const catchWithoutResultPath: LintRule = {
  code: "catch-without-resultpath",
  severity: "WARNING",
  summary: "after the catcher the state's input is gone",
  check({ states }, report) {
    for (const state of states) {
      for (const [i, catcher] of listOf(state.fields["Catch"]).entries()) {
        const fields = objectOf(catcher);
        const keeps = state.queryLanguage === "JSONata" ? ["Output", "Assign"] : ["ResultPath", "Assign"];
        if (keeps.some((member) => Object.hasOwn(fields, member)) || ignoresInput(state, textOf(fields["Next"])))
          continue;
        const how =
          state.queryLanguage === "JSONata"
            ? 'give it an Output that merges "$states.input"'
            : 'give it a ResultPath such as "$.error"';
        report([...state.path, "Catch", i], `the error replaces the input of "${state.name}", which is lost: ${how}`);
      }
    }
  },
};

/** A state that does not look at its input, and passes none of it on. */
function ignoresInput({ block }: LintState, next: string | undefined): boolean {
  const target = block.states.find(({ name }) => name === next);
  if (target === undefined || readsInput(target)) return false;
  const { type, fields } = target;
  if (type === "Fail") return true;
  if (target.queryLanguage === "JSONata") {
    return (
      (type === "Task" && fields["Arguments"] !== undefined) || (type === "Pass" && fields["Output"] !== undefined)
    );
  }
  if (fields["ResultPath"] !== undefined || fields["Parameters"] === undefined) {
    return type === "Pass" && fields["Result"] !== undefined && fields["ResultPath"] === undefined;
  }
  return type === "Task" || type === "Pass";
}

/** Whether anything but the output's own fields refers to the input. */
function readsInput(state: LintState): boolean {
  for (const { text, path } of ownTexts(state)) {
    if (state.queryLanguage === "JSONata") {
      if (/\$states\.(?:input|errorOutput)\b/.test(text)) return true;
      continue;
    }
    const field = String(path[state.path.length]);
    if (field === "OutputPath" || field === "ResultSelector" || field === "ResultPath" || field === "Catch") continue;
    // `$$` is the context, `$name` a variable.
    if (/(?:\.\$|Path)$/.test(String(path.at(-1))) && /(?<!\$)\$(?=$|[.[,)\s])/.test(text)) return true;
  }
  return false;
}

export const statesAllDoesNotCover: LintRule = {
  code: "states-all-does-not-cover",
  severity: "INFO",
  summary: "States.ALL does not catch States.Runtime and States.DataLimitExceeded",
  check({ states }, report) {
    for (const state of states) {
      for (const [i, catcher] of listOf(state.fields["Catch"]).entries()) {
        if (!namesOf(catcher).includes("States.ALL")) continue;
        report(
          [...state.path, "Catch", i],
          "States.ALL does not catch States.Runtime and States.DataLimitExceeded: a path that finds nothing, or a result of more than 256 KiB, still fails the execution",
        );
      }
    }
  },
};

export const statesAllNotLast: LintRule = {
  code: "states-all-not-last",
  severity: "ERROR",
  summary: "States.ALL must stand alone, and last",
  check({ states }, report) {
    for (const state of states) {
      for (const member of ["Retry", "Catch"]) {
        const handlers = listOf(state.fields[member]);
        for (const [i, handler] of handlers.entries()) {
          const names = namesOf(handler);
          if (!names.includes("States.ALL") || (names.length === 1 && i === handlers.length - 1)) continue;
          report(
            [...state.path, member, i],
            `States.ALL must stand alone in ErrorEquals, in the last element of ${member}`,
          );
        }
      }
    }
  },
};

/** The errors of Lambda that pass by themselves. AWS, "Handle transient Lambda service exceptions". */
const TRANSIENT = [
  "Lambda.ServiceException",
  "Lambda.AWSLambdaException",
  "Lambda.SdkClientException",
  "Lambda.TooManyRequestsException",
];

export const lambdaRetryMissing: LintRule = {
  code: "lambda-retry-missing",
  severity: "WARNING",
  summary: "errors of Lambda that pass by themselves are not retried",
  check({ states }, report) {
    for (const state of states) {
      const { resource } = state;
      const isLambda =
        resource?.kind === "lambda" ||
        (resource?.kind === "service" && resource.service === "lambda" && resource.action === "invoke");
      if (!isLambda) continue;
      const retried = listOf(state.fields["Retry"]).flatMap(namesOf);
      if (retried.includes("States.ALL") || retried.includes("States.TaskFailed")) continue;
      const missing = TRANSIENT.filter((name) => !retried.includes(name));
      // Who names some of them has thought of it; TooManyRequestsException is the one often left out on purpose.
      if (missing.length < TRANSIENT.length) continue;
      const retrier = {
        ErrorEquals: TRANSIENT,
        IntervalSeconds: 1,
        MaxAttempts: 3,
        BackoffRate: 2,
        JitterStrategy: "FULL",
      };
      const value = [...listOf(state.fields["Retry"]), retrier];
      const message = `"${state.name}" does not retry ${TRANSIENT.join(", ")}, which pass by themselves`;
      report(state.path, message, [{ path: [...state.path, "Retry"], value }]);
    }
  },
};

/** Actions that do their work once more each time they are called. */
const NOT_IDEMPOTENT: readonly RegExp[] = [
  /^sns publish(Batch)?$/,
  /^sqs sendMessage(Batch)?$/,
  /^ecs runTask$/,
  /^batch submitJob$/,
  /^events putEvents$/,
  /^aws-sdk:(ses|sesv2) send.*$/,
  /^aws-sdk:(sns|sqs|ecs|eventbridge) (publish(Batch)?|sendMessage(Batch)?|runTask|putEvents)$/,
];

export const retryOnNonIdempotent: LintRule = {
  code: "retry-on-non-idempotent",
  severity: "WARNING",
  summary: "a retry, or an Express execution, may do again what was already done",
  check(model, report) {
    for (const state of model.states) {
      const { resource } = state;
      if (resource?.kind !== "service") continue;
      const call = `${resource.service} ${resource.action}`;
      if (!NOT_IDEMPOTENT.some((pattern) => pattern.test(call)) || isDeduplicated(state)) continue;
      for (const [i, retrier] of listOf(state.fields["Retry"]).entries()) {
        const unsure = namesOf(retrier).filter((name) => /^States\.(ALL|TaskFailed|Timeout)$/.test(name));
        if (unsure.length === 0 || numberOf(objectOf(retrier)["MaxAttempts"]) === 0) continue;
        report(
          [...state.path, "Retry", i],
          `${unsure[0]} also stands for calls whose outcome is not known: ${resource.service}:${resource.action} may be done twice`,
        );
      }
      if (model.type === "EXPRESS") {
        report(
          state.path,
          `an Express execution that is not waited for may run more than once: ${resource.service}:${resource.action} is then done again`,
        );
      }
    }
  },
};

/** FIFO queues and topics drop a second message of the same id. */
function isDeduplicated({ fields }: LintState): boolean {
  const given = objectOf(fields["Parameters"] ?? fields["Arguments"]);
  return ["MessageDeduplicationId", "MessageDeduplicationId.$", "ClientToken", "ClientToken.$"].some((name) =>
    Object.hasOwn(given, name),
  );
}

/** Prefixes of error names: of the optimised integration, and of `aws-sdk`. */
const PREFIXES: { readonly [service: string]: readonly [optimised: string, sdk: string] } = {
  dynamodb: ["DynamoDB", "DynamoDb"],
  sqs: ["SQS", "Sqs"],
  sns: ["SNS", "Sns"],
  ecs: ["ECS", "Ecs"],
  eks: ["EKS", "Eks"],
  "emr-containers": ["EMRContainers", "EmrContainers"],
};

/** Of services that `aws-sdk` calls otherwise. */
const RENAMED: { readonly [service: string]: readonly [optimised: string, sdk: string] } = {
  states: ["StepFunctions", "Sfn"],
  "aws-sdk:sfn": ["StepFunctions", "Sfn"],
  elasticmapreduce: ["ElasticMapReduce", "Emr"],
  "aws-sdk:emr": ["ElasticMapReduce", "Emr"],
  "aws-sdk:emrcontainers": ["EMRContainers", "EmrContainers"],
};

export const optimizedVsSdkErrorName: LintRule = {
  code: "optimized-vs-sdk-error-name",
  severity: "WARNING",
  summary: "the error's name is that of the other kind of integration",
  check({ states }, report) {
    for (const state of states) {
      const { resource } = state;
      if (resource?.kind !== "service") continue;
      const isSdk = resource.service.startsWith("aws-sdk:");
      const prefixes = RENAMED[resource.service] ?? PREFIXES[resource.service.replace("aws-sdk:", "")];
      if (prefixes === undefined) continue;
      const [right, wrong] = isSdk ? [prefixes[1], prefixes[0]] : prefixes;
      for (const member of ["Retry", "Catch"]) {
        for (const [i, handler] of listOf(state.fields[member]).entries()) {
          for (const [j, name] of namesOf(handler).entries()) {
            if (!name.startsWith(`${wrong}.`)) continue;
            const path = [...state.path, member, i, "ErrorEquals", j];
            const value = name.replace(wrong as string, right as string);
            report(path, `errors of ${resource.service} begin with "${right}.": "${name}" never comes`, [
              { path, value },
            ]);
          }
        }
      }
    }
  },
};

/** `$.error.Cause.errorMessage`, `$states.errorOutput.Cause.x`. */
const INTO_CAUSE = /\bCause\.[A-Za-z_]/;

export const causeIsString: LintRule = {
  code: "cause-is-string",
  severity: "WARNING",
  summary: "Cause is a text: nothing is inside it",
  check({ states }, report) {
    for (const state of states) {
      for (const { text, path } of ownTexts(state)) {
        if (!INTO_CAUSE.test(text) || /StringToJson|\$parse/.test(text) || !/^(\$|States\.|\{%)/.test(text)) continue;
        const how = state.queryLanguage === "JSONata" ? "$parse(….Cause)" : "States.StringToJson(….Cause)";
        report(path, `Cause is a text that may hold JSON: read it by ${how} first`);
      }
    }
  },
};
