/** When a Wait ends. The wordings of what fails at run time are recorded (fact 17). */
import type { EvaluationScope } from "../data/evaluation-scope.ts";
import type { PathExpression } from "../data/path-expression.ts";
import { parseTimestamp, type Timestamp, timestampMs } from "../data/timestamp.ts";
import { StatesErrorSignal } from "../errors/states-error.ts";
import type { EpochMs, Json } from "../json.ts";
import { compileJsonata, fieldLocation, isJsonataText } from "./compile-expression.ts";
import { compileReference, literal, numericValue, shown } from "./expression-fields.ts";
import type { Field } from "./field.ts";
import { checkedNumber, mistyped } from "./field-kinds.ts";
import { warnOfPathInPlainField } from "./looks-like-path.ts";
import type { Expression } from "./state-machine.ts";

/** The longest literal wait: AWS, "Maximum value is 99999999". */
const SECONDS_MAX = 99_999_999;
/** Further away than this, "Wait state delay is too long." */
const DELAY_SECONDS_MAX = 2 ** 31 - 1;

export function waitSeconds(): Field<Expression<number>> {
  return {
    compile(value, site) {
      if (site.state.language !== "JSONata" || !isJsonataText(value)) {
        warnOfPathInPlainField(value, site);
        const seconds = checkedNumber(value, site, "Integer", { min: 0, max: SECONDS_MAX });
        return seconds === undefined ? undefined : literal(seconds);
      }
      const location = fieldLocation(site);
      const compiled = compileJsonata(value, site, "number");
      if (compiled === undefined) return undefined;
      const failure = (cause: string) => new StatesErrorSignal("States.QueryEvaluationError", cause, location);
      return {
        source: value,
        evaluate(scope) {
          const seconds = compiled.evaluate(scope) as number;
          if (!Number.isInteger(seconds))
            throw failure(`The Seconds field cannot be parsed as a long value: ${seconds}`);
          if (seconds < 0) throw failure(`The Seconds field references a negative value: ${seconds}`);
          return boundedDelay(seconds);
        },
      };
    },
  };
}

export function waitSecondsPath(): Field<Expression<number>> {
  return {
    compile(value, site) {
      const parameter = `The ${site.name} parameter`;
      const reference = compileReference(value, site);
      if (reference === undefined) return undefined;
      const failure = (what: string, found: Json) =>
        new StatesErrorSignal("States.Runtime", `${parameter} ${what}: ${reference.source} == ${shown(found)}`);
      return {
        source: reference.source,
        evaluate(scope) {
          const found = lookUp(reference, parameter, scope);
          const seconds = numericValue(found, "integer");
          if (seconds === undefined) throw failure("cannot be parsed as a long value", found);
          if (seconds < 0) throw failure("references a negative value", found);
          return boundedDelay(seconds);
        },
      };
    },
  };
}

function lookUp(reference: PathExpression, parameter: string, scope: EvaluationScope): Json {
  const result = reference.lookup(scope);
  if (result.found) return result.value;
  throw new StatesErrorSignal("States.Runtime", `${parameter} does not reference an input value: ${reference.source}`);
}

function boundedDelay(seconds: number): number {
  if (seconds > DELAY_SECONDS_MAX) throw new StatesErrorSignal("States.Runtime", "Wait state delay is too long.");
  return seconds;
}

export function waitTimestamp(): Field<Expression<EpochMs>> {
  return {
    compile(value, site) {
      if (typeof value !== "string") return mistyped("String", site);
      if (site.state.language !== "JSONata" || !isJsonataText(value)) {
        warnOfPathInPlainField(value, site);
        const at = parseTimestamp(value);
        if (at !== undefined) return { source: value, evaluate: (scope) => boundedTime(at, scope.facts.now) };
        site.context.findings.schemaError("String does not match RFC3339 timestamp", site.path);
        return undefined;
      }
      const location = fieldLocation(site);
      const compiled = compileJsonata(value, site, "string");
      if (compiled === undefined) return undefined;
      return {
        source: value,
        evaluate(scope) {
          const found = compiled.evaluate(scope) as string;
          const at = parseTimestamp(found);
          if (at !== undefined) return boundedTime(at, scope.facts.now);
          throw new StatesErrorSignal(
            "States.QueryEvaluationError",
            `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${found}`,
            location,
          );
        },
      };
    },
  };
}

export function waitTimestampPath(): Field<Expression<EpochMs>> {
  return {
    compile(value, site) {
      const parameter = `The ${site.name} parameter`;
      const reference = compileReference(value, site);
      if (reference === undefined) return undefined;
      return {
        source: reference.source,
        evaluate(scope) {
          const found = lookUp(reference, parameter, scope);
          const at = typeof found === "string" ? parseTimestamp(found) : undefined;
          if (at !== undefined) return boundedTime(at, scope.facts.now);
          throw new StatesErrorSignal(
            "States.Runtime",
            `${parameter} does not reference a valid ISO-8601 extended offset date-time format string: ${reference.source} == ${shown(found)}`,
          );
        },
      };
    },
  };
}

function boundedTime(timestamp: Timestamp, now: EpochMs): EpochMs {
  const at = timestampMs(timestamp);
  boundedDelay((at - now) / 1000);
  return at;
}
