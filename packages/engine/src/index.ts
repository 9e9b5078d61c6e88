export {
  type AwsIdentity,
  activityArnOf,
  checkRoleArn,
  DEFAULT_IDENTITY,
  type ExecutionArn,
  parseActivityArn,
  parseExecutionArn,
  parseMapRunArn,
  parseStateMachineArn,
  type StateMachineArn,
  stateMachineArnOf,
  versionArnOf,
} from "./catalog/arn.ts";
export * from "./catalog/catalog.ts";
export type { CatalogQuotas } from "./catalog/catalog-context.ts";
export { type CatalogOptions, createCatalog } from "./catalog/create-catalog.ts";
export { checkName, isValidName, NAME_LENGTH_MAX } from "./catalog/names.ts";
export * from "./catalog/resolved-machine.ts";
export type * from "./catalog/state-machine-configuration.ts";
export { type ChangeListener, GatheredChanges } from "./executions/change-feed.ts";
export { createExecutions, type EngineStats, type ExecutionEngine } from "./executions/create-executions.ts";
export type {
  ActivitySource,
  CommittedChange,
  ExecutionOptions,
  ExecutionPorts,
  StateVisit,
} from "./executions/engine-options.ts";
export type { ChangesWanted, ExecutionChange } from "./executions/execution-change.ts";
export type {
  ActivityBacklog,
  ExecutionLineage,
  ExecutionQueries,
  ExecutionQuery,
  ExecutionQueryPage,
  ExecutionTask,
  RunningExecution,
  WaitingTaskPage,
} from "./executions/execution-queries.ts";
export * from "./executions/executions.ts";
export { whyNotRedrivable } from "./executions/redrivable.ts";
export { traceHeaderOf } from "./executions/trace-header.ts";
export { type CronSchedule, parseCron } from "./flows/cron.ts";
export {
  type ExecutionMode,
  type Flow,
  type FlowContent,
  type FlowEnvironment,
  flowExecutionName,
  internalName,
} from "./flows/flow.ts";
export { createFlowReports, type FlowReports } from "./flows/flow-reports.ts";
export * from "./flows/flows.ts";
export { createSchedules, type Schedule, type ScheduleContent, type Schedules } from "./flows/schedules.ts";
export type { HistoryChunk } from "./history/history-chunk.ts";
export { baseRevisionKey, mapStateOfRevision } from "./map-runs/child-machine.ts";
export { childIndex } from "./map-runs/child-names.ts";
export { createMapRuns, type MapRunsPorts } from "./map-runs/create-map-runs.ts";
export type * from "./map-runs/map-runs.ts";
export * from "./ports/catalog-store.ts";
export type * from "./ports/child-packs.ts";
export * from "./ports/clock.ts";
export * from "./ports/cluster.ts";
export * from "./ports/connector.ts";
export * from "./ports/map-run-host.ts";
export * from "./ports/map-run-io.ts";
export * from "./ports/map-run-store.ts";
export * from "./ports/object-store.ts";
export * from "./ports/store.ts";
export { VirtualClock } from "./ports/virtual-clock.ts";
export * from "./ports/work-threads.ts";
export * from "./rejection.ts";
export { hereOrElsewhere, type LongWork } from "./threads/here-or-elsewhere.ts";
export { goOnWithTest, withoutFunctions } from "./threads/perform-work.ts";
export { openWorkThreads, type WorkThreadOptions } from "./threads/work-threads.ts";
export { matchesPattern } from "./triggers/event-pattern.ts";
export {
  type InputTransformer,
  parseTriggerArn,
  scheduleOf,
  type TriggerArn,
  type TriggerContent,
  type TriggerProblem,
  type TriggerTarget,
  triggerProblems,
} from "./triggers/trigger.ts";
export type { TriggerEvent } from "./triggers/trigger-input.ts";
export { createTriggers, type LastStart, type Trigger, type Triggers } from "./triggers/triggers.ts";
