import { readFile } from "node:fs/promises";
import type { ApiFork, ApiForkAnswer } from "@stepwell/server";
import { runningService } from "../map-report/running-service.ts";
import { readDefinition } from "../read-definition.ts";
import { UsageError } from "../usage-error.ts";

export interface ForkOptions {
  readonly at: string;
  readonly input?: string;
  readonly definition?: string;
  readonly version?: string;
  readonly name?: string;
  readonly endpoint: string;
}

/** `stepwell fork`: prints the new execution's ARN. */
export async function forkExecution(
  executionArn: string,
  options: ForkOptions,
  write: (text: string) => void = (text) => void process.stdout.write(text),
): Promise<number> {
  const { at, input, definition, version, name, endpoint } = options;
  const request: ApiFork = {
    at: /^[1-9][0-9]{0,9}$/.test(at) ? { eventId: Number(at) } : { stateName: at },
    ...(input === undefined ? {} : { input: await readInput(input) }),
    ...(definition === undefined ? {} : { definition: await readDefinition(definition) }),
    ...(version === undefined ? {} : { stateMachineVersionArn: version }),
    ...(name === undefined ? {} : { name }),
  };
  const service = runningService(endpoint, process.env);
  const path = `/api/v1/executions/${encodeURIComponent(executionArn)}/fork`;
  const answer = await service.post<ApiForkAnswer>(path, request);
  if (answer === undefined)
    throw new UsageError(`--endpoint ${endpoint}: forks nothing: it must be a Stepwell service`);
  write(`${answer.executionArn}\n`);
  return 0;
}

async function readInput(given: string): Promise<unknown> {
  try {
    return JSON.parse(given.startsWith("@") ? await readFile(given.slice(1), "utf8") : given);
  } catch (error) {
    throw new UsageError(`--input: must be JSON, or @file with JSON: ${(error as Error).message}`);
  }
}
