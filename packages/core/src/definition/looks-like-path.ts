/** Warnings for values that look like paths where no path is evaluated. AWS, "List of warning codes". */
import type { Json } from "../json.ts";
import type { Field, FieldSite } from "./field.ts";
import { visitMembers } from "./visit-members.ts";

const LOOKS_LIKE_PATH = /^\$\$?[.[]|^\$\$?$|^States\.[A-Z][A-Za-z0-9]*\(/;

function looksLikePath(value: Json): boolean {
  return typeof value === "string" && LOOKS_LIKE_PATH.test(value);
}

/** NO_DOLLAR: a payload template's field without `.$` whose value appears to be a path. */
export function warnOfForgottenPaths(template: Json, site: FieldSite): void {
  visitMembers(template, site.path, (key, value, path) => {
    if (key.endsWith(".$") || !looksLikePath(value)) return;
    site.context.findings.warning(
      "NO_DOLLAR",
      `No .$ on a field that appears to be a JSONPath or Intrinsic Function: '${key}'`,
      path,
    );
  });
}

/** NO_PATH: a plain field whose value appears to be a path, while the field that takes paths ends with `Path`. */
export function warnOfPathInPlainField(value: Json, site: FieldSite): void {
  if (!looksLikePath(value)) return;
  site.context.findings.warning(
    "NO_PATH",
    `Field value looks like a path, but field name does not end with 'Path': '${site.name}'`,
    site.path,
  );
}

/** A Pass state's `Result`: kept as it is, `.$` and all. */
export function staticResult(): Field<Json> {
  return {
    compile(value, site) {
      visitMembers(value, site.path, (key, member, path) => {
        if (!key.endsWith(".$") && !looksLikePath(member)) return;
        site.context.findings.warning(
          "PASS_RESULT_IS_STATIC",
          `Attempt to use a path in the result of a Pass state: '${key}'`,
          path,
        );
      });
      return value;
    },
  };
}
