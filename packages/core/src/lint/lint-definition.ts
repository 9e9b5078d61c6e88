/**
 * Finds what is valid and still likely to go wrong. AWS's own diagnostics are `diagnoseStateMachine`'s.
 *
 * A finding is taken away by the `Comment` of the state it stands in, of a state around that, or of the definition:
 * `stepwell-disable: rule-a, rule-b -- why`. Without a reason it is not, and that is a finding too.
 */
import type { DefinitionPath } from "../definition/findings.ts";
import type { StateMachineType } from "../definition/state-machine.ts";
import { isJsonObject, type Json } from "../json.ts";
import { type LintModel, lintModel, textOf } from "./lint-model.ts";
import type { LintFinding } from "./lint-rule.ts";
import { LINT_RULES } from "./rules/index.ts";

export interface LintOptions {
  /** Default STANDARD. */
  readonly type?: StateMachineType;
}

/** Of one definition. */
const FINDINGS_MAX = 1_000;

const DISABLE = /stepwell-disable:\s*([a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)*)\s*(?:--\s*(.*\S))?/;

/** What a Comment takes away, and where. */
interface Disabled {
  readonly path: DefinitionPath;
  readonly rules: readonly string[];
  readonly hasReason: boolean;
}

/** Findings in the order of the rules; `definition` is the parsed JSON. Nothing is found in what is no object. */
export function lintDefinition(definition: Json, { type = "STANDARD" }: LintOptions = {}): readonly LintFinding[] {
  if (!isJsonObject(definition)) return [];
  const model = lintModel(definition, type);
  const disabled = disabledIn(model);
  const findings: LintFinding[] = [];
  for (const { code, severity, check } of LINT_RULES) {
    check(model, (path, message, fix) => {
      if (findings.length >= FINDINGS_MAX || disabled.some((each) => takesAway(each, code, path))) return;
      findings.push({ code, severity, message, path, ...(fix === undefined ? {} : { fix }) });
    });
  }
  return [...findings, ...disabled.flatMap(misused)];
}

function takesAway({ path, rules, hasReason }: Disabled, code: string, place: DefinitionPath): boolean {
  return hasReason && rules.includes(code) && path.every((step, i) => step === place[i]);
}

function disabledIn({ definition, states }: LintModel): Disabled[] {
  const holders = [{ fields: definition, path: [] as DefinitionPath }, ...states];
  return holders.flatMap(({ fields, path }) => {
    const [, rules = "", reason] = DISABLE.exec(textOf(fields["Comment"]) ?? "") ?? [];
    return rules === "" ? [] : [{ path, rules: rules.split(/\s*,\s*/), hasReason: reason !== undefined }];
  });
}

function misused({ path, rules, hasReason }: Disabled): LintFinding[] {
  const at = { severity: "WARNING", path: [...path, "Comment"] } as const;
  const unknown = rules.filter((rule) => !LINT_RULES.some(({ code }) => code === rule));
  const code = "stepwell-disable";
  return [
    ...(hasReason ? [] : [{ ...at, code, message: `say why after " -- ": without a reason nothing is disabled` }]),
    ...unknown.map((rule) => ({ ...at, code, message: `there is no rule "${rule}"` })),
  ];
}
