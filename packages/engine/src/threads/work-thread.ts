/** A thread of `openWorkThreads`. */
import { parentPort } from "node:worker_threads";
import { StatesErrorSignal } from "@stepwell/core";
import { WorkPerformer } from "./perform-work.ts";
import type { ThreadAnswer, ThreadRequest } from "./thread-messages.ts";

if (parentPort !== null) serve(parentPort);

function serve(port: NonNullable<typeof parentPort>): void {
  const performer = new WorkPerformer();
  port.on("message", ({ kind, asked }: ThreadRequest) =>
    port.postMessage(answerOf(() => performer.perform(kind, asked))),
  );
}

function answerOf(perform: () => ReturnType<WorkPerformer["perform"]>): ThreadAnswer {
  try {
    return { answer: perform() };
  } catch (error) {
    if (error instanceof StatesErrorSignal) {
      const { statesError, location } = error;
      return { error: statesError.error ?? "", cause: statesError.cause ?? "", location };
    }
    return { problem: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
