import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Json, JsonObject } from "@stepwell/core";
import type { PatientClient } from "./crash-client.ts";
import type { KnownMachine } from "./crash-machines.ts";

/** An execution whose start the server has acknowledged. */
export interface Acknowledged {
  readonly machine: KnownMachine;
  readonly executionArn: string;
  readonly n: number;
  /** The history as a client was shown it while the execution ran. */
  shown: readonly Json[];
}

/** A load that goes on while the server dies and returns. */
export interface CrashLoad {
  readonly acknowledged: readonly Acknowledged[];
  /** Answers that no crash explains. */
  readonly complaints: readonly string[];
  /** No further executions; workers go on. Resolves when the starts under way are acknowledged. */
  stopStarting(): Promise<void>;
  /** Ends the workers too; they notice at their next answer. */
  stopWorking(): void;
}

export interface LoadSetting {
  readonly client: PatientClient;
  readonly machines: ReadonlyMap<string, KnownMachine>;
  readonly activityArn: string;
  /** Where the function leaves task tokens, a line of JSON each. */
  readonly tokensFile: string;
  readonly executionsMax: number;
  /** Between two starts of one starter; default 10. */
  readonly pauseMs?: number;
}

const STARTERS = 8;
const WORKERS = 3;
const PAUSE_MS = 10;

/** Starts executions of every machine in turn, does the activity's work, and sends back the tokens that functions leave. */
export function beginLoad(setting: LoadSetting): CrashLoad {
  const acknowledged: Acknowledged[] = [];
  const complaints: string[] = [];
  let starting = true;
  let working = true;
  const guarded = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (working && complaints.length < 20) complaints.push(String(error));
    }
  };
  const machines = [...setting.machines];
  let next = 0;
  const starter = async (): Promise<void> => {
    while (starting && next < setting.executionsMax) {
      const n = next;
      next += 1;
      const [stateMachineArn, machine] = machines[n % machines.length]!;
      await guarded(async () => {
        acknowledged.push(await start(setting.client, stateMachineArn, machine, n));
        if (n % 5 === 0) await look(setting.client, acknowledged.at(-1)!);
      });
      await sleep(setting.pauseMs ?? PAUSE_MS);
    }
  };
  const worker = async (): Promise<void> => {
    while (working) await guarded(async () => await work(setting));
  };
  const answered = new Set<string>();
  const answerTokens = async (): Promise<void> => {
    while (working) {
      await guarded(async () => await answerLeftTokens(setting, answered));
      await sleep(PAUSE_MS);
    }
  };
  const starters = Array.from({ length: STARTERS }, starter);
  for (let index = 0; index < WORKERS; index += 1) void worker();
  void answerTokens();
  return {
    acknowledged,
    complaints,
    async stopStarting() {
      starting = false;
      await Promise.all(starters);
    },
    stopWorking() {
      working = false;
    },
  };
}

async function start(
  client: PatientClient,
  stateMachineArn: string,
  machine: KnownMachine,
  n: number,
): Promise<Acknowledged> {
  const name = `load-${n}`;
  const request = { stateMachineArn, name, input: JSON.stringify({ n }) };
  // When the answer to a start is lost, the execution may have ended by the time the same start is sent again.
  const answer = await client.call("StartExecution", request, ["ExecutionAlreadyExists"]);
  const executionArn = `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;
  if (answer["refused"] === undefined && answer["executionArn"] !== executionArn) {
    throw new Error(`StartExecution ${name} answered ${JSON.stringify(answer)}`);
  }
  return { machine, executionArn, n, shown: [] };
}

async function look(client: PatientClient, execution: Acknowledged): Promise<void> {
  const { events } = await client.call("GetExecutionHistory", { executionArn: execution.executionArn });
  execution.shown = events as readonly Json[];
}

async function work({ client, activityArn }: LoadSetting): Promise<void> {
  const { taskToken, input } = await client.call("GetActivityTask", { activityArn, workerName: "crash" });
  if (typeof taskToken !== "string" || taskToken === "") return;
  const { n } = JSON.parse(String(input)) as JsonObject;
  await sendSuccess(client, taskToken, { worked: n! });
}

async function answerLeftTokens({ client, tokensFile }: LoadSetting, answered: Set<string>): Promise<void> {
  if (!existsSync(tokensFile)) return;
  const lines = readFileSync(tokensFile, "utf8").split("\n");
  // The last line has no end yet, or is empty.
  for (const line of lines.slice(0, -1)) {
    const { token, n } = JSON.parse(line) as { token: string; n: number };
    if (answered.has(token)) continue;
    await sendSuccess(client, token, { answered: n });
    answered.add(token);
  }
}

// A token that was won before: its success was counted and only the acknowledgement lost, or its task timed out.
async function sendSuccess(client: PatientClient, taskToken: string, output: Json): Promise<void> {
  const request = { taskToken, output: JSON.stringify(output) };
  await client.call("SendTaskSuccess", request, ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"]);
}
