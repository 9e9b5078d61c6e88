/** GetExecutionHistory (cloudflow.md 3.2, 4). */
import { type Actions, tokenOf } from "../action.ts";
import { invalidArgument } from "../errors.ts";
import { shown } from "../parameters.ts";
import { readFlowHistory } from "../read-history.ts";
import { findExecution } from "./executions.ts";

const DEFAULT = 60;
const MAX = 999;

export const HISTORY_ACTIONS: Actions = {
  GetExecutionHistory: {
    awsAction: "GetExecutionHistory",
    flowParameter: "FlowName",
    required: ["FlowName", "ExecutionName"],
    async perform(context) {
      const { parameters } = context;
      const limit = parameters.number("Limit", 1, MAX) ?? DEFAULT;
      const token = tokenOf(parameters) ?? "1";
      if (!/^[1-9]\d{0,8}$/.test(token)) throw invalidArgument(`NextToken '${shown(token)}' is none of this action's.`);
      const { flow, execution } = await findExecution(context);
      const from = Number(token) - 1;
      const events = await readFlowHistory(context, execution, flow);
      const page = events.slice(from, from + limit);
      const next = events[from + limit];
      return { Events: page, ...(next === undefined ? {} : { NextToken: String(next.EventId) }) };
    },
  },
};
