/**
 * The Parameters of `lambda:invoke`, checked as Step Functions checks the fields and as Lambda checks the values.
 */
import type { Json, JsonObject } from "@stepwell/core";
import type { TaskOutcome } from "@stepwell/engine";
import { REQUEST_BYTES_MAX } from "../functions/invocation.ts";
import { isJsonText } from "../json-text.ts";
import { notStartable, startProblem } from "../services/service-failure.ts";
import type { FunctionReference } from "./function-reference.ts";
import { parseFunctionReference } from "./function-reference.ts";
import { serviceFailure } from "./service-error.ts";

export interface InvokeParameters {
  readonly function: FunctionReference;
  /** JSON text of the event. */
  readonly payload: string;
  readonly invocationType: "RequestResponse" | "Event" | "DryRun";
  readonly wantsLog: boolean;
  /** As given: base64. */
  readonly clientContext?: string;
}

export type CheckedParameters =
  | { readonly parameters: InvokeParameters; readonly failure?: undefined }
  | { readonly parameters?: undefined; readonly failure: TaskOutcome };

const FIELDS: ReadonlySet<string> = new Set([
  "ClientContext",
  "FunctionName",
  "InvocationType",
  "LogType",
  "Payload",
  "Qualifier",
]);
const CLIENT_CONTEXT_LENGTH_MAX = 3_583;

/** `input` is the JSON text of the Parameters. */
export function checkInvokeParameters(input: string): CheckedParameters {
  const fields = JSON.parse(input) as Json;
  const wrong = wrongFields(fields);
  if (wrong.length > 0 || !isObject(fields)) return { failure: notStartable(input, wrong) };
  const invalid = invalidValues(fields);
  if (invalid.length > 0) return { failure: validationFailure(invalid) };
  return functionOf(fields);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What keeps the function from being called at all. */
export function invokeFieldsProblem(input: string): string | undefined {
  const wrong = wrongFields(JSON.parse(input) as Json);
  return wrong.length === 0 ? undefined : startProblem(input, wrong);
}

/** The fields' names and types: the words of Step Functions. */
function wrongFields(fields: Json): string[] {
  if (!isObject(fields)) return ["The value of the field 'Parameters' has an invalid format"];
  const wrong: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (!FIELDS.has(name)) wrong.push(`The field '${name}' is not supported by Step Functions`);
    else if (name !== "Payload" && typeof value !== "string") {
      wrong.push(`The value of the field '${name}' has an invalid format`);
    }
  }
  if (!Object.hasOwn(fields, "FunctionName")) wrong.unshift("The field 'FunctionName' is required but was missing");
  return wrong;
}

/** The fields' values: the words of Lambda. */
function invalidValues(fields: JsonObject): string[] {
  const invalid: string[] = [];
  const oneOf = (field: string, member: string, allowed: readonly string[]) => {
    const value = fields[field];
    if (value !== undefined && !allowed.includes(value as string)) {
      invalid.push(
        `Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy enum value set: [${allowed.join(", ")}]`,
      );
    }
  };
  oneOf("InvocationType", "invocationType", ["Event", "RequestResponse", "DryRun"]);
  oneOf("LogType", "logType", ["None", "Tail"]);
  if (parseFunctionReference(fields["FunctionName"] as string) === undefined) {
    invalid.push(
      `Value '${fields["FunctionName"]}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?`,
    );
  }
  const qualifier = fields["Qualifier"];
  if (qualifier !== undefined && !/^[a-zA-Z0-9$_-]{1,128}$/.test(qualifier as string)) {
    invalid.push(
      `Value '${qualifier}' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: (|[a-zA-Z0-9$_-]+)`,
    );
  }
  return invalid;
}

function functionOf(fields: JsonObject): CheckedParameters {
  const reference = parseFunctionReference(fields["FunctionName"] as string)!;
  const qualifier = fields["Qualifier"] as string | undefined;
  if (qualifier !== undefined && reference.qualifier !== undefined && qualifier !== reference.qualifier) {
    return refused("The derived qualifier from the function name does not match the specified qualifier.");
  }
  const clientContext = fields["ClientContext"] as string | undefined;
  if (clientContext !== undefined && !isClientContext(clientContext)) {
    return refused("Client context must be a valid Base64-encoded JSON object.");
  }
  const payload = payloadText(fields["Payload"]);
  if (typeof payload !== "string") return payload;
  return {
    parameters: {
      function: qualifier === undefined ? reference : { ...reference, qualifier },
      payload,
      invocationType: (fields["InvocationType"] ?? "RequestResponse") as InvokeParameters["invocationType"],
      wantsLog: fields["LogType"] === "Tail",
      ...(clientContext === undefined ? {} : { clientContext }),
    },
  };
}

function isClientContext(text: string): boolean {
  return text.length <= CLIENT_CONTEXT_LENGTH_MAX && isJsonText(decodeClientContext(text));
}

export function decodeClientContext(base64: string): string {
  return Buffer.from(base64, "base64").toString();
}

/**
 * Recorded on AWS: a text is the payload's bytes as they are, no payload and null give the function `{}`, and any
 * other value is sent as JSON (conformance, services/test_invoke and test_invoke_json_values).
 */
function payloadText(value: Json | undefined): string | CheckedParameters {
  const text = typeof value === "string" ? value : JSON.stringify(value ?? {});
  if (text === "") return "{}";
  if (typeof value === "string" && !isJsonText(text)) return notJson(text);
  if (Buffer.byteLength(text) <= REQUEST_BYTES_MAX) return text;
  const message = `Request must be smaller than ${REQUEST_BYTES_MAX} bytes for the InvokeFunction operation`;
  return { failure: serviceFailure({ code: "RequestTooLargeException", message, statusCode: 413 }) };
}

/** Lambda parses with Jackson, whose words for a bare word are these; other mistakes are told in this parser's words. */
function notJson(text: string): CheckedParameters {
  const word = /^\s*([A-Za-z_$][\w$]*)/.exec(text);
  const column = word === null ? 0 : word[0].length + (word[0].length < text.length ? 2 : 1);
  const reason =
    word === null
      ? parserWords(text)
      : `Unrecognized token '${word[1]}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: (byte[])"${text.slice(0, 500)}"; line: 1, column: ${column}]`;
  const message = `Could not parse request body into json: Could not parse payload into json: ${reason}`;
  return { failure: serviceFailure({ code: "InvalidRequestContentException", message, statusCode: 400 }) };
}

function parserWords(text: string): string {
  try {
    JSON.parse(text);
    return "not JSON";
  } catch (error) {
    return (error as Error).message;
  }
}

function refused(message: string): CheckedParameters {
  return { failure: serviceFailure({ code: "InvalidParameterValueException", message, statusCode: 400 }) };
}

function validationFailure(invalid: readonly string[]): TaskOutcome {
  const count = `${invalid.length} validation error${invalid.length === 1 ? "" : "s"} detected`;
  return serviceFailure({ code: "ValidationException", message: `${count}: ${invalid.join("; ")}`, statusCode: 400 });
}
