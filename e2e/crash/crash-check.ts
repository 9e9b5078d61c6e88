import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { JsonObject } from "@stepwell/core";
import type { PatientClient } from "./crash-client.ts";
import type { Acknowledged } from "./crash-load.ts";

const END_TIMEOUT_MS = 60_000;
const AT_ONCE = 8;
const TERMINAL = /^Execution(Succeeded|Failed|Aborted|TimedOut)$/;

/** What is wrong with each acknowledged execution, in its order; an empty text where all is as it must be. */
export async function checkAll(client: PatientClient, executions: readonly Acknowledged[]): Promise<string[]> {
  const deadline = Date.now() + END_TIMEOUT_MS;
  const complaints: string[] = [];
  const left = executions.entries();
  const lane = async (): Promise<void> => {
    for (const [index, execution] of left) {
      const wrong = await check(client, execution, deadline);
      complaints[index] = wrong === undefined ? "" : `${execution.executionArn}: ${wrong}`;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return complaints;
}

async function check(client: PatientClient, execution: Acknowledged, deadline: number): Promise<string | undefined> {
  const { executionArn, machine, n } = execution;
  let described = await client.call("DescribeExecution", { executionArn }, ["ExecutionDoesNotExist"]);
  while (described["status"] === "RUNNING" && Date.now() < deadline) {
    await sleep(100);
    described = await client.call("DescribeExecution", { executionArn });
  }
  if (described["refused"] !== undefined) return "its start was acknowledged, but it does not exist";
  const events = await wholeHistory(client, executionArn);
  if (described["status"] !== "SUCCEEDED") {
    return `is ${described["status"]}: ${described["error"]} ${described["cause"]}; ${events.map(typeOf).join(" ")}`;
  }
  const output: unknown = JSON.parse(String(described["output"]));
  if (!isDeepStrictEqual(output, machine.output(n))) return `its output is ${described["output"]}`;
  return wrongHistory(events, execution);
}

async function wholeHistory(client: PatientClient, executionArn: string): Promise<JsonObject[]> {
  const events: JsonObject[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.call("GetExecutionHistory", {
      executionArn,
      maxResults: 100,
      ...(nextToken === undefined ? {} : { nextToken }),
    });
    events.push(...(page["events"] as JsonObject[]));
    nextToken = page["nextToken"] as string | undefined;
  } while (nextToken !== undefined);
  return events;
}

/** Exported for its unit test: what in a history must not be. */
export function wrongHistory(
  events: readonly JsonObject[],
  { machine, shown }: Pick<Acknowledged, "machine" | "shown">,
): string | undefined {
  const types = events.map(typeOf);
  for (const [index, event] of events.entries()) {
    if (event["id"] !== index + 1) return `event ${index + 1} has the id ${event["id"]}`;
    const previous = Number(event["previousEventId"]);
    if (!(previous >= 0 && previous <= index)) return `event ${index + 1} follows from ${previous}`;
  }
  if (types[0] !== "ExecutionStarted") return `it begins with ${types[0]}`;
  const terminal = types.filter((type) => TERMINAL.test(type));
  if (terminal.length !== 1 || types.at(-1) !== terminal[0]) return `it ends in ${terminal.join(" and ")}`;
  if (!isDeepStrictEqual(events.slice(0, shown.length), shown)) return "a client was shown another beginning of it";
  const between = withoutTimedOutAttempts(types.slice(1, -1));
  if (isExpected(between, machine.events, machine.inOrder)) return undefined;
  return `its events are ${between.join(" ")}`;
}

// An attempt at an activity whose worker got it as the server died ends in a timeout, and is made again.
function withoutTimedOutAttempts(types: readonly string[]): string[] {
  return types
    .join(" ")
    .replaceAll("ActivityScheduled ActivityStarted ActivityTimedOut ", "")
    .split(" ")
    .filter((type) => type !== "");
}

function isExpected(types: readonly string[], expected: readonly string[], inOrder: boolean): boolean {
  const required = expected.filter((type) => !type.endsWith("?"));
  const all = expected.map((type) => type.replace(/\?$/, ""));
  const sorted = (list: readonly string[]): readonly string[] => (inOrder ? list : list.toSorted());
  return [required, all].some((wanted) => isDeepStrictEqual(sorted(types), sorted(wanted)));
}

function typeOf(event: JsonObject): string {
  return String(event["type"]);
}
