import type { Actions } from "../action.ts";
import { CALLBACK_ACTIONS } from "./callbacks.ts";
import { EXECUTION_ACTIONS } from "./executions.ts";
import { FLOW_ACTIONS } from "./flows.ts";
import { HISTORY_ACTIONS } from "./history.ts";
import { MAP_RUN_ACTIONS } from "./map-runs.ts";
import { REGION_ACTIONS } from "./regions.ts";
import { SCHEDULE_ACTIONS } from "./schedules.ts";
import { VERSION_ACTIONS } from "./versions.ts";

/** Every action of CloudFlow 2019-03-15. */
export const FLOW_API_ACTIONS: Actions = {
  ...FLOW_ACTIONS,
  ...EXECUTION_ACTIONS,
  ...HISTORY_ACTIONS,
  ...CALLBACK_ACTIONS,
  ...SCHEDULE_ACTIONS,
  ...VERSION_ACTIONS,
  ...MAP_RUN_ACTIONS,
  ...REGION_ACTIONS,
};
