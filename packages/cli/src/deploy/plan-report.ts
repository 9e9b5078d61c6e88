import type { Action, StackPlan } from "./plan.ts";

const SIGNS: Readonly<Record<Action, string>> = {
  create: "+ create",
  update: "~ update",
  replace: "! replace",
  unchanged: "= unchanged",
  delete: "- delete",
  keep: "  keep",
};

/** A plan for people: one line a resource that matters, and what will be missed. */
export function planText(plans: readonly StackPlan[]): string {
  return plans.map(stackText).join("\n");
}

/** Roles and the like are one line together: nobody decides anything by them. */
function stackText({ source, steps, warnings }: StackPlan): string {
  const shown = steps.filter(({ action, where }) => action !== "unchanged" && !isNoMoreThanAName(where));
  const minor = steps.filter(({ action, where }) => action !== "unchanged" && isNoMoreThanAName(where)).length;
  const unchanged = steps.filter(({ action }) => action === "unchanged").length;
  const width = (cells: readonly string[]): number => Math.max(0, ...cells.map((cell) => cell.length));
  const types = width(shown.map(({ type }) => type));
  const ids = width(shown.map(({ logicalId }) => logicalId));
  return [
    `Stack ${source.stackName} (${source.template.document.file})`,
    ...shown.map(({ action, type, logicalId, where, reason }) =>
      [
        `  ${SIGNS[action].padEnd(11)}`,
        type.padEnd(types),
        logicalId.padEnd(ids),
        `${where}${reason === undefined ? "" : ` (${reason})`}`,
      ].join("  "),
    ),
    ...(minor === 0 ? [] : [`  ${String(minor)} more are recorded by name (roles, policies, log groups, …)`]),
    ...(unchanged === 0 ? [] : [`  ${String(unchanged)} unchanged`]),
    ...warnings.map((warning) => `  warning: ${warning}`),
    "",
  ].join("\n");
}

/** Roles, policies and the like: nothing was made for them. */
export function isNoMoreThanAName(where: string): boolean {
  return where === "a name only" || where === "passed over" || where === "a name of the deployed code";
}

export function hasChanges(plans: readonly StackPlan[]): boolean {
  return plans.some(({ steps }) => steps.some(({ action }) => action !== "unchanged"));
}
