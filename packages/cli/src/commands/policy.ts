import { basename } from "node:path";
import { type JsonObject, policyOf } from "@stepwell/core";
import { readDefinition } from "../read-definition.ts";
import { UsageError } from "../usage-error.ts";

export interface PolicyOptions {
  readonly name?: string;
  readonly region: string;
  readonly account: string;
  readonly partition: string;
  readonly logging: boolean;
  readonly tracing: boolean;
  readonly kmsKey?: string;
}

/** `stepwell policy`. */
export async function policy(file: string, options: PolicyOptions): Promise<number> {
  const definition = parsed(file, await readDefinition(file));
  const place = {
    partition: options.partition,
    region: options.region,
    accountId: accountOf(options.account),
    name: options.name ?? nameOf(file),
  };
  const { logging, tracing, kmsKey } = options;
  const { document, notes } = policyOf(definition, place, {
    logging,
    tracing,
    ...(kmsKey === undefined ? {} : { kmsKeyArn: kmsKey }),
  });
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  for (const { pointer, message } of notes) process.stderr.write(`note: ${pointer}: ${message}\n`);
  return 0;
}

function parsed(file: string, text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file}: not JSON: ${(error as Error).message}`);
  }
  if (typeof value === "object" && value !== null && "States" in value) return value as JsonObject;
  throw new UsageError(`${file}: must be the definition of a state machine, with States`);
}

function accountOf(id: string): string {
  if (/^\d{12}$/.test(id)) return id;
  throw new UsageError(`--account: must be 12 digits, got "${id}"`);
}

function nameOf(file: string): string {
  return basename(file).replace(/(\.asl)?\.(json|ya?ml|[mc]?[jt]s)$/i, "");
}
