import { parseExecutionArn } from "@stepwell/engine";
import type { Operation } from "../operation.ts";

/** No execution has Map Runs as long as definitions with a distributed Map are refused. */
export const listMapRuns: Operation<"ListMapRuns"> = async (input, { executions, pages }) => {
  parseExecutionArn(input.executionArn);
  pages.read("ListMapRuns", input);
  await executions.describe(input.executionArn);
  return { mapRuns: [] };
};
