/** `arn:aws:states:::aws-sdk:sfn:<action>`: the API of this same Stepwell, called without HTTP. */
import type { Json, JsonObject } from "@stepwell/core";
import type { Connector, TaskOutcome, TaskRequest } from "@stepwell/engine";
import { refusedAs, type StepFunctionsApi, sdkFailure } from "./step-functions-api.ts";

export class StepFunctionsSdkCalls implements Connector {
  readonly #api: StepFunctionsApi;

  constructor(api: StepFunctionsApi) {
    this.#api = api;
  }

  handles({ resource }: Pick<TaskRequest, "resource" | "stateName">): boolean {
    return resource.kind === "service" && resource.service === "aws-sdk:sfn" && resource.pattern !== "sync";
  }

  start(request: TaskRequest, signal: AbortSignal): Promise<TaskOutcome> {
    return refusedAs(sdkFailure, async () => {
      const { resource } = request;
      const action = resource.kind === "service" ? resource.action : "";
      const operation = action.charAt(0).toUpperCase() + action.slice(1);
      const answer = await this.#api(operation, apiMembers(JSON.parse(request.input) as JsonObject), signal);
      const output = JSON.stringify(sdkMembers(answer as JsonObject));
      return resource.kind === "service" && resource.pattern === "waitForTaskToken"
        ? { kind: "submitted", output }
        : { kind: "succeeded", output };
    });
  }
}

/** Members that hold JSON texts: an object given there is written as JSON (recorded: implicit serialisation). */
const JSON_TEXTS: ReadonlySet<string> = new Set(["input", "output", "definition", "context", "variables", "cause"]);

/** Parameters are PascalCase (features.md B.6); the API's members begin with a small letter. */
function apiMembers(parameters: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => {
      const member = name.charAt(0).toLowerCase() + name.slice(1);
      if (JSON_TEXTS.has(member) && typeof value === "object" && value !== null) return [member, JSON.stringify(value)];
      return [member, nested(value, apiMembers)];
    }),
  );
}

/** Back again: PascalCase, and timestamps as ISO texts. */
function sdkMembers(answer: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(answer).map(([member, value]) => {
      const name = member.charAt(0).toUpperCase() + member.slice(1);
      const isTime = typeof value === "number" && /(?:Date|^timestamp)$/.test(member);
      return [name, isTime ? new Date(value * 1000).toISOString() : nested(value, sdkMembers)];
    }),
  );
}

function nested(value: Json, rename: (members: JsonObject) => JsonObject): Json {
  if (Array.isArray(value)) return value.map((item: Json) => nested(item, rename));
  return typeof value === "object" && value !== null ? rename(value as JsonObject) : value;
}
