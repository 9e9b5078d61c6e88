/**
 * `{{resolve:ssm:…}}`, `{{resolve:ssm-secure:…}}` and `{{resolve:secretsmanager:…}}` in texts. CloudFormation User Guide, "Get
 * values stored in other services using dynamic references".
 */
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";

export interface DynamicValues {
  /** A parameter that a stack deployed here makes. */
  parameter(name: string): Json | undefined;
  /** Absent: no endpoint stands for the service. Throws when it refuses. */
  call(service: "ssm" | "secretsmanager"): ((action: string, input: JsonObject) => Promise<JsonObject>) | undefined;
  /** `path`: below the value given. */
  problem(path: string, message: string): void;
}

const REFERENCE = /\{\{resolve:([^{}]*)\}\}/g;

/** The value with all references in it replaced. */
export async function withDynamicValues(value: Json, values: DynamicValues, path = ""): Promise<Json> {
  const below = (name: string | number): string => (path === "" ? String(name) : `${path}/${name}`);
  if (typeof value === "string") return value.includes("{{resolve:") ? replaced(value, values, path) : value;
  if (isJsonArray(value)) return Promise.all(value.map((item, index) => withDynamicValues(item, values, below(index))));
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).map(
    async ([name, member]) => [name, await withDynamicValues(member, values, below(name))] as const,
  );
  return Object.fromEntries(await Promise.all(members));
}

async function replaced(text: string, values: DynamicValues, path: string): Promise<string> {
  const found = new Map<string, string>();
  for (const [whole, reference = ""] of text.matchAll(REFERENCE)) {
    if (found.has(whole)) continue;
    try {
      found.set(whole, await resolved(reference, values));
    } catch (error) {
      values.problem(path, `${whole}: ${(error as Error).message}`);
      found.set(whole, "");
    }
  }
  return text.replace(REFERENCE, (whole) => found.get(whole) ?? whole);
}

/** Throws in words for the one who deploys. */
async function resolved(reference: string, values: DynamicValues): Promise<string> {
  const [, service, rest = ""] = /^(ssm|ssm-secure|secretsmanager):(.+)$/s.exec(reference) ?? [];
  if (service === undefined) throw new Error("must be of ssm, ssm-secure or secretsmanager");
  return service === "secretsmanager" ? secretOf(rest, values) : parameterOf(rest, values);
}

async function parameterOf(reference: string, values: DynamicValues): Promise<string> {
  const [, name = "", version] = /^(.+?)(?::(\d+))?$/s.exec(reference) ?? [];
  const own = values.parameter(name);
  if (own !== undefined) return String(own);
  const call = values.call("ssm");
  if (call === undefined) throw new Error(`no stack that is deployed here makes it, and ${endpointHint("ssm")}`);
  const Name = version === undefined ? name : `${name}:${version}`;
  const { Parameter } = await call("getParameter", { Name, WithDecryption: true });
  return String(isJsonObject(Parameter ?? null) ? (Parameter as JsonObject)["Value"] : "");
}

async function secretOf(reference: string, values: DynamicValues): Promise<string> {
  const [, SecretId = "", key = "", VersionStage = "", VersionId = ""] =
    /^(arn:(?:[^:]*:){5}[^:]+|[^:]+)(?::SecretString)?(?::([^:]*))?(?::([^:]*))?(?::([^:]*))?$/.exec(reference) ?? [];
  const call = values.call("secretsmanager");
  if (call === undefined) throw new Error(endpointHint("secretsmanager"));
  const { SecretString = "" } = await call("getSecretValue", {
    SecretId,
    ...(VersionStage === "" ? {} : { VersionStage }),
    ...(VersionId === "" ? {} : { VersionId }),
  });
  if (key === "") return String(SecretString);
  const members = JSON.parse(String(SecretString)) as Json;
  const member = isJsonObject(members) && Object.hasOwn(members, key) ? members[key] : undefined;
  if (member === undefined) throw new Error(`the secret has no member ${key}`);
  return typeof member === "string" ? member : JSON.stringify(member);
}

function endpointHint(service: string): string {
  return `no endpoint is named (endpoints: ${service} in stepwell.yaml)`;
}
