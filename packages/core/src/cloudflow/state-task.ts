/** Actions of the new language's Task (cloudflow.md 6.3). */
import type { Json, JsonObject } from "../json.ts";
import type { StateSite, StatesCompiler } from "./states-flow.ts";
import { awsResult, type TaskCall, type TaskPattern, taskFields } from "./task-call.ts";

interface Action {
  readonly service: TaskCall["service"];
  readonly action: string;
  readonly modes: readonly string[];
  readonly required: readonly string[];
  /** The raw result, where it is not what the connector gives. */
  readonly output?: string;
}

const CALLED = ["RequestComplete", "WaitForCustomCallback"];
const JOBS = [...CALLED, "WaitForSystemCallback"];

const ACTIONS: { readonly [action: string]: Action } = {
  "HTTP:Request": { service: "http", action: "request", modes: CALLED, required: ["url", "method"] },
  "FNF:StartExecution": { service: "fnf", action: "startExecution", modes: JOBS, required: ["resourceArn"] },
  "FC:InvokeFunction": {
    service: "fc",
    action: "invokeFunction",
    modes: JOBS,
    required: ["resourceArn", "invocationType"],
    output: "$fnfResult($states.result)",
  },
  "MNS:SendMessage": { service: "mns", action: "sendMessage", modes: CALLED, required: ["queueName", "messageBody"] },
  "MNS:PublishMessage": {
    service: "mns",
    action: "sendMessage",
    modes: CALLED,
    required: ["topicName", "messageBody"],
  },
};

const PATTERNS: { readonly [mode: string]: TaskPattern } = {
  RequestComplete: "requestResponse",
  WaitForSystemCallback: "sync",
  WaitForCustomCallback: "waitForTaskToken",
};

const METHODS: ReadonlySet<string> = new Set(["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD"]);
const INVOCATIONS: ReadonlySet<string> = new Set(["Sync", "Async"]);

export interface StateTask {
  readonly fields: ReturnType<typeof taskFields>;
  readonly output?: string;
  /** The raw result is a function's answer. */
  readonly isAnswer?: true;
}

export function stateTask(compiler: StatesCompiler, site: StateSite): StateTask | undefined {
  const { node } = site;
  const name = node.text("Action", true);
  const mode = taskMode(compiler, site);
  if (name === undefined || mode === undefined) return undefined;
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action === undefined) {
    return node.refuse(
      `Action '${name}' cannot be performed here: must be one of ${Object.keys(ACTIONS).join(", ")}`,
      "Action",
    );
  }
  if (!action.modes.includes(mode)) {
    return node.refuse(
      `TaskMode ${mode} is not possible with ${name}: must be one of ${action.modes.join(", ")}`,
      "TaskMode",
    );
  }
  const parameters = parametersOf(compiler, site, action, mode);
  if (parameters === undefined) return undefined;
  const pattern = PATTERNS[mode] ?? "requestResponse";
  const { service, action: operation } = action;
  const fields = taskFields({ service, action: operation, pattern, parameters }, compiler.text.plain);
  const answer = service === "fc" && mode !== "WaitForCustomCallback" ? ({ isAnswer: true } as const) : {};
  if (compiler.text.plain) return { fields, output: awsResult({ service, pattern }), ...answer };
  if (action.output === undefined || mode === "WaitForCustomCallback") return { fields };
  return { fields, output: action.output, ...answer };
}

function taskMode(compiler: StatesCompiler, { node }: StateSite): string | undefined {
  const mode = node.text("TaskMode") ?? "RequestComplete";
  if (!Object.hasOwn(PATTERNS, mode)) {
    return node.refuse(`TaskMode must be one of ${Object.keys(PATTERNS).join(", ")}, got '${mode}'`, "TaskMode");
  }
  if (compiler.type === "EXPRESS" && mode !== "RequestComplete") {
    return node.refuse(`TaskMode ${mode} is not possible in the Express mode: only RequestComplete is`, "TaskMode");
  }
  return mode;
}

function parametersOf(compiler: StatesCompiler, site: StateSite, action: Action, mode: string): JsonObject | undefined {
  const { node, name } = site;
  const given = node.child("Parameters", true);
  if (given === undefined) return undefined;
  for (const field of action.required) {
    if (!given.has(field) && !given.has(`${field}.$`)) given.refuse(`${field} is required`);
  }
  oneOf("method", METHODS, (text) => text.toUpperCase());
  oneOf("invocationType", INVOCATIONS);
  if (action.service === "fc" && mode === "WaitForSystemCallback" && given.get("invocationType") === "Sync") {
    given.refuse("invocationType must be Async with TaskMode WaitForSystemCallback", "invocationType");
  }
  return compiler.text.template(given.value, node, { state: name }, given.pointer) as JsonObject;

  function oneOf(
    field: string,
    allowed: ReadonlySet<string>,
    spelled: (text: string) => string = (text) => text,
  ): void {
    const value: Json | undefined = given?.get(field);
    if (value === undefined || !action.required.includes(field)) return;
    if (typeof value === "string" && allowed.has(spelled(value))) return;
    given?.refuse(`${field} must be one of ${[...allowed].join(", ")}, got ${JSON.stringify(value)}`, field);
  }
}
