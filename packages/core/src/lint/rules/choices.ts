// Choices that do not cover everything, or that look at what is not there.
import { isJsonArray, type Json, type JsonObject } from "../../json.ts";
import { type LintBlock, type LintState, listOf, objectOf, transitionsOf } from "../lint-model.ts";
import type { LintRule } from "../lint-rule.ts";

function choicesOf(state: LintState): readonly JsonObject[] {
  return state.type === "Choice" ? listOf(state.fields["Choices"]).map(objectOf) : [];
}

export const choiceNoDefault: LintRule = {
  code: "choice-no-default",
  severity: "WARNING",
  summary: "when no rule holds, the execution fails",
  check({ states }, report) {
    for (const state of states) {
      const choices = choicesOf(state);
      if (choices.length === 0 || state.fields["Default"] !== undefined || coversBoth(choices)) continue;
      if (choices.some(alwaysHolds)) continue;
      report(state.path, `"${state.name}" has no Default: when no rule holds, the execution fails with States.Runtime`);
    }
  },
};

/** Two rules on the same variable that together hold for every value. */
function coversBoth(choices: readonly JsonObject[]): boolean {
  for (const operator of ["BooleanEquals", "IsPresent", "IsNull"]) {
    for (const { Variable: variable, [operator]: wanted } of choices) {
      if (wanted === true && choices.some((rule) => rule["Variable"] === variable && rule[operator] === false))
        return true;
    }
  }
  if (choices.some((rule) => choices.some((other) => areHalves(rule, other)))) return true;
  return choices.some((rule) => {
    const { Next: _, Comment: __, Assign: ___, ...condition } = rule;
    return choices.some(
      (other) =>
        (other["Not"] !== undefined && isSame(other["Not"], condition)) ||
        (condition["Condition"] !== undefined && negated(other["Condition"]) === expressionOf(condition["Condition"])),
    );
  });
}

const HALVES: readonly (readonly [below: string, rest: string])[] = [
  ["LessThan", "GreaterThanEquals"],
  ["LessThanEquals", "GreaterThan"],
];

/** `NumericLessThan` and `NumericGreaterThanEquals` of the same numbers, and the like. */
function areHalves(rule: JsonObject, other: JsonObject): boolean {
  if (rule["Variable"] === undefined || rule["Variable"] !== other["Variable"]) return false;
  return ["Numeric", "String", "Timestamp"].some((type) =>
    HALVES.some(([below, rest]) =>
      ["", "Path"].some((suffix) => {
        const operand = rule[`${type}${below}${suffix}`];
        return operand !== undefined && operand === other[`${type}${rest}${suffix}`];
      }),
    ),
  );
}

function expressionOf(condition: Json | undefined): string | undefined {
  return typeof condition === "string" ? /^\{%\s*([\s\S]*?)\s*%\}$/.exec(condition)?.[1] : undefined;
}

/** What stands in `$not(…)`, where that is all. */
function negated(condition: Json | undefined): string | undefined {
  return /^\$not\(\s*([\s\S]*?)\s*\)$/.exec(expressionOf(condition) ?? "")?.[1];
}

function alwaysHolds({ Condition: condition }: JsonObject): boolean {
  return condition === true || (typeof condition === "string" && /^\{%\s*true\s*%\}$/.test(condition));
}

export const unreachableState: LintRule = {
  code: "unreachable-state",
  severity: "WARNING",
  summary: "a state or a rule that can never be reached",
  check({ root, states }, report) {
    for (const block of [root, ...states.flatMap(({ blocks }) => blocks)]) {
      for (const state of unreached(block)) {
        report(state.path, `no way leads from "${block.startAt}" to "${state.name}"`);
      }
    }
    for (const state of states) {
      const choices = choicesOf(state);
      const always = choices.findIndex(alwaysHolds);
      for (const [i, rule] of choices.entries()) {
        const { Next: _, Comment: __, Output: ___, Assign: ____, ...condition } = rule;
        const earlier = choices.slice(0, i).findIndex((other) => {
          const { Next: _n, Comment: _c, Output: _o, Assign: _a, ...same } = other;
          return isSame(same, condition);
        });
        const shadow = earlier >= 0 ? earlier : always >= 0 && always < i ? always : undefined;
        if (shadow === undefined) continue;
        report(
          [...state.path, "Choices", i],
          `rule ${i} of "${state.name}" is never reached: rule ${shadow} comes first`,
        );
      }
      if (always >= 0 && state.fields["Default"] !== undefined) {
        report(
          [...state.path, "Default"],
          `the Default of "${state.name}" is never reached: rule ${always} always holds`,
        );
      }
    }
  },
};

/** States of a block that no transition leads to; none where it does not say where it begins. */
function unreached({ startAt, states }: LintBlock): readonly LintState[] {
  const byName = new Map(states.map((state) => [state.name, state]));
  const first = byName.get(startAt);
  if (first === undefined) return [];
  const reached = new Set([first]);
  for (const state of reached) {
    for (const { to } of transitionsOf(state)) {
      const next = byName.get(to);
      if (next !== undefined) reached.add(next);
    }
  }
  return states.filter((state) => !reached.has(state));
}

function isSame(a: Json, b: Json): boolean {
  return sorted(a) === sorted(b);
}

function sorted(value: Json): string {
  if (isJsonArray(value)) return `[${value.map(sorted).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${sorted(member)}`).join()}}`;
}

export const choiceMissingIsPresent: LintRule = {
  code: "choice-missing-ispresent",
  severity: "INFO",
  summary: "a rule on a field that is not there fails the execution",
  check({ states }, report) {
    for (const state of states) {
      const known = new Set<string>();
      for (const [i, rule] of choicesOf(state).entries()) {
        for (const variable of unguarded(rule, new Set(known))) {
          report(
            [...state.path, "Choices", i],
            `when ${variable} is not there, "${state.name}" fails the execution with States.Runtime: ask IsPresent first`,
          );
          known.add(variable);
        }
        collectAsked(rule, known);
      }
    }
  },
};

/** Variables that a rule compares before anything has asked whether they are there. */
function unguarded(rule: JsonObject, asked: Set<string>): string[] {
  const found: string[] = [];
  for (const part of [
    ...listOf(rule["And"]),
    ...listOf(rule["Or"]),
    ...(rule["Not"] === undefined ? [] : [rule["Not"]]),
  ]) {
    found.push(...unguarded(objectOf(part), asked));
  }
  const variable = rule["Variable"];
  if (typeof variable !== "string") return found;
  if (rule["IsPresent"] !== undefined) asked.add(variable);
  else if (/^\$\.[^.]+\./.test(variable) && !isAsked(variable, asked)) found.push(variable);
  return found;
}

/** Also when it was asked of what the variable stands in. */
function isAsked(variable: string, asked: ReadonlySet<string>): boolean {
  if (asked.has(variable)) return true;
  return [...asked].some((outer) => variable.startsWith(`${outer}.`) || variable.startsWith(`${outer}[`));
}

/** What later rules know when this one does not hold: of an And, nothing. */
function collectAsked(rule: JsonObject, known: Set<string>): void {
  if (typeof rule["Variable"] === "string" && rule["IsPresent"] !== undefined) known.add(rule["Variable"]);
  if (rule["Not"] !== undefined) collectAsked(objectOf(rule["Not"]), known);
  for (const part of listOf(rule["Or"])) collectAsked(objectOf(part), known);
}
