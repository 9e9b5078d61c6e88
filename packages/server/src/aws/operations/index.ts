import type { OperationName } from "../generated/api-model.ts";
import type { Operation } from "../operation.ts";
import { createActivity, deleteActivity, describeActivity, getActivityTask, listActivities } from "./activities.ts";
import {
  createStateMachineAlias,
  deleteStateMachineAlias,
  describeStateMachineAlias,
  listStateMachineAliases,
  updateStateMachineAlias,
} from "./aliases.ts";
import { getExecutionHistory } from "./execution-history.ts";
import { describeExecution, listExecutions, redriveExecution, stopExecution } from "./executions.ts";
import { describeMapRun, listMapRuns, updateMapRun } from "./map-runs.ts";
import { startExecution, startSyncExecution } from "./start-execution.ts";
import {
  createStateMachine,
  deleteStateMachine,
  describeStateMachine,
  describeStateMachineForExecution,
  listStateMachines,
  updateStateMachine,
  validateStateMachineDefinition,
} from "./state-machines.ts";
import { listTagsForResource, tagResource, untagResource } from "./tags.ts";
import { sendTaskFailure, sendTaskHeartbeat, sendTaskSuccess } from "./task-results.ts";
import { testState } from "./test-state.ts";
import { deleteStateMachineVersion, listStateMachineVersions, publishStateMachineVersion } from "./versions.ts";

/** Every operation of the API model: a forgotten one does not compile. */
export const OPERATIONS: { readonly [Name in OperationName]: Operation<Name> } = {
  CreateActivity: createActivity,
  CreateStateMachine: createStateMachine,
  CreateStateMachineAlias: createStateMachineAlias,
  DeleteActivity: deleteActivity,
  DeleteStateMachine: deleteStateMachine,
  DeleteStateMachineAlias: deleteStateMachineAlias,
  DeleteStateMachineVersion: deleteStateMachineVersion,
  DescribeActivity: describeActivity,
  DescribeExecution: describeExecution,
  DescribeMapRun: describeMapRun,
  DescribeStateMachine: describeStateMachine,
  DescribeStateMachineAlias: describeStateMachineAlias,
  DescribeStateMachineForExecution: describeStateMachineForExecution,
  GetActivityTask: getActivityTask,
  GetExecutionHistory: getExecutionHistory,
  ListActivities: listActivities,
  ListExecutions: listExecutions,
  ListMapRuns: listMapRuns,
  ListStateMachineAliases: listStateMachineAliases,
  ListStateMachineVersions: listStateMachineVersions,
  ListStateMachines: listStateMachines,
  ListTagsForResource: listTagsForResource,
  PublishStateMachineVersion: publishStateMachineVersion,
  RedriveExecution: redriveExecution,
  SendTaskFailure: sendTaskFailure,
  SendTaskHeartbeat: sendTaskHeartbeat,
  SendTaskSuccess: sendTaskSuccess,
  StartExecution: startExecution,
  StartSyncExecution: startSyncExecution,
  StopExecution: stopExecution,
  TagResource: tagResource,
  TestState: testState,
  UntagResource: untagResource,
  UpdateMapRun: updateMapRun,
  UpdateStateMachine: updateStateMachine,
  UpdateStateMachineAlias: updateStateMachineAlias,
  ValidateStateMachineDefinition: validateStateMachineDefinition,
};
