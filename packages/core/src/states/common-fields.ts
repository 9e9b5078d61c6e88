/** The fields that several state types share, each compiled in one way. */

import { assignments, objectTemplate, pathOrNothing, resultPath, template } from "../definition/expression-fields.ts";
import {
  type Field,
  type FieldGroup,
  type FieldSite,
  type Fields,
  type FieldTable,
  type FieldValues,
  readObject,
} from "../definition/field.ts";
import { anything, integer, listOf, number, oneOf, only, required, text } from "../definition/field-kinds.ts";
import type {
  Assignments,
  Catcher,
  CommonState,
  Expression,
  ResultTarget,
  Retrier,
  WithErrorHandling,
} from "../definition/state-machine.ts";
import { ending, transition } from "../definition/transition-field.ts";
import type { Json } from "../json.ts";

/** The largest number of seconds a definition may name, and of attempts. AWS, "Maximum value is 99999999". */
export const SECONDS_MAX = 99_999_999;

/** Every state has these. `Type` and `QueryLanguage` are checked before the type's table is known. */
export const IDENTITY_FIELDS: Fields<{ Type: Json; QueryLanguage: Json; Comment: string }> = {
  Type: anything(),
  QueryLanguage: anything(),
  Comment: text(),
};

export const PATH_FIELDS: Fields<{ InputPath: Expression; OutputPath: Expression; Output: Expression }> = {
  InputPath: only("JSONPath", pathOrNothing()),
  OutputPath: only("JSONPath", pathOrNothing()),
  Output: only("JSONata", template()),
};

export const TRANSITION_FIELDS: Fields<{ Next: string; End: boolean }> = { Next: transition(), End: ending() };

export const TRANSITION_GROUPS: readonly FieldGroup[] = [{ fields: ["Next", "End"], required: true }];

export const RESULT_FIELDS: Fields<{ ResultSelector: Expression; ResultPath: ResultTarget | "discard" }> = {
  ResultSelector: only("JSONPath", objectTemplate()),
  ResultPath: only("JSONPath", resultPath()),
};

export const ASSIGN_FIELD: Fields<{ Assign: Assignments }> = { Assign: assignments() };

export const ERROR_HANDLING_FIELDS: Fields<{ Retry: readonly Retrier[]; Catch: readonly Catcher[] }> = {
  Retry: retriers(),
  Catch: catchers(),
};

type Common = FieldValues<typeof IDENTITY_FIELDS & typeof PATH_FIELDS & typeof TRANSITION_FIELDS & typeof ASSIGN_FIELD>;

/** The fields of `CommonState` out of a type's values. */
export function commonState(
  fields: FieldValues<FieldTable>,
  identity: Pick<CommonState, "name" | "queryLanguage" | "pointer">,
): CommonState {
  const { Comment, InputPath, OutputPath, Output, Assign } = fields as Common;
  return {
    ...identity,
    ...(Comment !== undefined && { comment: Comment }),
    ...(InputPath !== undefined && { inputPath: InputPath }),
    ...(OutputPath !== undefined && { outputPath: OutputPath }),
    ...(Output !== undefined && { output: Output }),
    ...(Assign !== undefined && { assign: Assign }),
  };
}

/** `Next`, or `null` for `End: true`. */
export function nextOf(fields: Common): string | null {
  return fields.Next ?? null;
}

export function errorHandling(fields: FieldValues<typeof ERROR_HANDLING_FIELDS>): WithErrorHandling {
  return { retry: fields.Retry ?? [], catch: fields.Catch ?? [] };
}

const RETRIER_FIELDS = {
  ErrorEquals: required(listOf(text(), { notEmpty: true })),
  IntervalSeconds: integer({ min: 1, max: SECONDS_MAX, flowMin: 0 }),
  MaxAttempts: integer({ min: 0, max: SECONDS_MAX }),
  BackoffRate: number({ min: 1, flowMin: 0 }),
  MaxDelaySeconds: integer({ min: 1, max: 31_622_400 }),
  JitterStrategy: oneOf(["FULL", "NONE"]),
  Comment: text(),
} satisfies FieldTable;

/** ASL spec, "Retrier": the defaults. */
function retriers(): Field<readonly Retrier[]> {
  return handlers((value, site) => {
    const fields = readObject(RETRIER_FIELDS, [], value, site);
    if (fields?.ErrorEquals === undefined) return undefined;
    return {
      errorEquals: fields.ErrorEquals,
      intervalSeconds: fields.IntervalSeconds ?? 1,
      maxAttempts: fields.MaxAttempts ?? 3,
      backoffRate: fields.BackoffRate ?? 2,
      ...(fields.MaxDelaySeconds !== undefined && { maxDelaySeconds: fields.MaxDelaySeconds }),
      jitterStrategy: fields.JitterStrategy ?? "NONE",
    };
  });
}

const CATCHER_FIELDS = {
  ErrorEquals: required(listOf(text(), { notEmpty: true })),
  Next: required(transition()),
  ResultPath: only("JSONPath", resultPath()),
  Assign: assignments(),
  Output: only("JSONata", template()),
  Comment: text(),
} satisfies FieldTable;

function catchers(): Field<readonly Catcher[]> {
  return handlers((value, site) => {
    const fields = readObject(CATCHER_FIELDS, [], value, site);
    if (fields?.ErrorEquals === undefined || fields.Next === undefined) return undefined;
    return {
      errorEquals: fields.ErrorEquals,
      next: fields.Next,
      ...(fields.ResultPath !== undefined && { resultPath: fields.ResultPath }),
      ...(fields.Assign !== undefined && { assign: fields.Assign }),
      ...(fields.Output !== undefined && { output: fields.Output }),
    };
  });
}

/** A list of retriers or catchers. `States.ALL` stands alone and in the last one. ASL spec, "Errors". */
function handlers<T extends { readonly errorEquals: readonly string[] }>(
  parse: (value: Json, site: FieldSite) => T | undefined,
): Field<readonly T[]> {
  const list = listOf<T>({ compile: parse });
  return {
    compile(value, site) {
      const parsed = list.compile(value, site);
      parsed?.forEach((handler, index) => {
        if (!handler.errorEquals.includes("States.ALL")) return;
        if (handler.errorEquals.length === 1 && index === parsed.length - 1) return;
        site.context.findings.schemaError(
          `'States.ALL' must appear alone in 'ErrorEquals' and in the last element of '${site.name}'`,
          [...site.path, index],
        );
      });
      return parsed;
    },
  };
}
