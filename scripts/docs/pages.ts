/** Pages of docs/ that are made from tables of the code. `npm run docs` writes them; docs.test.ts sees that they are current. */
import { CONFIG_SCHEMA, type Schema } from "../../packages/cli/src/config/config-schema.ts";
import { SETTINGS } from "../../packages/cli/src/config/load-config.ts";
import { STATES_ERRORS } from "../../packages/core/src/errors/states-errors.ts";
import { API_ERRORS } from "../../packages/server/src/aws/errors.ts";
import { CONFIGURATION_TEXT, ERRORS_TEXT } from "./texts.ts";

export interface Page {
  /** In docs/. */
  readonly file: string;
  readonly text: string;
}

/** Settings that the command line has flags for. */
const FLAGS: ReadonlySet<string> = new Set(["data", "port", "auth"]);

export const PAGES: readonly Page[] = [
  { file: "configuration.md", text: page(CONFIGURATION_TEXT, { keys: keysTable(), variables: variablesTable() }) },
  { file: "errors.md", text: page(ERRORS_TEXT, { api: apiErrorsTable(), states: statesErrorsTable() }) },
];

/** Every key of the schema, as `functions.<name>.env.<name>`. */
function keysOf(schema: Schema, path = ""): { readonly key: string; readonly schema: Schema }[] {
  const inner = (key: string, value: Schema) => {
    const whole = path === "" ? key : `${path}.${key}`;
    return [
      ...(value.type === "object" && value.properties ? [] : [{ key: whole, schema: value }]),
      ...keysOf(value, whole),
    ];
  };
  const named = Object.entries(schema.properties ?? {}).flatMap(([key, value]) => inner(key, value));
  const any = schema.additionalProperties;
  return any === undefined || any === false || any.properties === undefined
    ? named
    : [...named, ...inner("<name>", any)];
}

function keysTable(): string {
  const rows = keysOf(CONFIG_SCHEMA).map(({ key, schema }) => {
    const preset = schema.default === undefined ? "" : `\`${schema.default}\``;
    return [`\`${key}\``, schema.description ?? "", schema["x-rule"] ?? "", preset];
  });
  return table(["key", "what it is", "rule", "default"], rows);
}

function variablesTable(): string {
  const rows = SETTINGS.map(({ variable, flag, path }) => [
    `\`${path.join(".")}\``,
    `\`${variable}\``,
    flag === undefined || !FLAGS.has(flag) ? "" : `\`--${flag}\``,
  ]);
  return table(["key", "variable", "flag of `stepwell start`"], rows);
}

function apiErrorsTable(): string {
  const rows = Object.entries(API_ERRORS).map(([name, { status, namespace, when }]) => [
    `\`${name}\``,
    String(status),
    `\`${namespace}\``,
    when,
  ]);
  return table(["name", "status", "namespace", "when"], rows);
}

function statesErrorsTable(): string {
  const yes = (is: boolean) => (is ? "yes" : "no");
  const rows = STATES_ERRORS.map(({ name, when, handled, taskFailed }) => [
    `\`${name}\``,
    when,
    yes(handled),
    yes(taskFailed),
  ]);
  return table(["name", "when", "Retry and Catch see it", "`States.TaskFailed` matches it"], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function page(text: string, tables: { readonly [name: string]: string }): string {
  return text.replace(/^<!-- (\w+) -->$/gm, (mark, name: string) => tables[name] ?? mark);
}
