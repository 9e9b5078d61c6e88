export * from "./cloudflow/compile-flow.ts";
export { evaluateFlowInput } from "./cloudflow/flow-input.ts";
export { type FlowResourceArn, parseFlowResourceArn } from "./cloudflow/resource-arn.ts";
export { CsvItems, type CsvItemsState } from "./csv/csv-items.ts";
export { CsvRecords } from "./csv/csv-records.ts";
export { DamagedData } from "./csv/damaged-data.ts";
export {
  AllowanceSpent,
  OPERATIONS_PER_MS,
  operationsSpent,
  withAllowance,
  withSmallerBound,
} from "./data/allowance.ts";
export { type ChoiceCondition, compileChoiceCondition } from "./data/choice-condition.ts";
export * from "./data/evaluation-scope.ts";
export * from "./data/expression-syntax-error.ts";
export { flowErrorName } from "./data/flow-functions.ts";
export { jsonEquals } from "./data/intrinsic-functions/json-equality.ts";
export { compileJsonPath, type JsonPath, JsonPathSyntaxError, type PathResult } from "./data/json-path.ts";
export * from "./data/jsonata.ts";
export { compileJsonataTemplate, type JsonataTemplate, type JsonataType } from "./data/jsonata-template.ts";
export { nameBasedUuid } from "./data/name-based-uuid.ts";
export { compilePathExpression, type PathExpression, type PathOptions } from "./data/path-expression.ts";
export { compilePayloadTemplate, type PayloadTemplate } from "./data/payload-template.ts";
export { compileReferencePath, type ReferencePath } from "./data/reference-path.ts";
export { compareTimestamps, formatTimestamp, parseTimestamp, type Timestamp, timestampMs } from "./data/timestamp.ts";
export { isVariableName } from "./data/variables.ts";
export * from "./definition/diagnostic.ts";
export { type DefinitionPath, formatLocation, formatPointer, type LocatedDiagnostic } from "./definition/findings.ts";
export { type JacksonResult, parseJsonLikeJackson } from "./definition/jackson-error.ts";
export {
  DEFINITION_CHARACTERS_MAX,
  diagnoseStateMachine,
  invalidDefinitionMessage,
  type ParseOptions,
  type ParseResult,
  type ParseStateOptions,
  parseState,
  parseStateMachine,
} from "./definition/parse-state-machine.ts";
export * from "./definition/state-machine.ts";
export { FLOW_PARTITION, parseTaskResource } from "./definition/task-resource.ts";
export * from "./errors/states-error.ts";
export { BrokenInvariant } from "./execution/assert.ts";
export { evaluationFacts } from "./execution/chance.ts";
export * from "./execution/command.ts";
export * from "./execution/execution-event.ts";
export type { ForkContext } from "./execution/fork.ts";
export { type ForkIteration, type ForkPoint, ForkTrace } from "./execution/fork-trace.ts";
export * from "./execution/history-event.ts";
export * from "./execution/limits.ts";
export * from "./execution/map-run-plan.ts";
export { NewerFormat } from "./execution/newer-format.ts";
export * from "./execution/outstanding.ts";
export { type PassThrough, passThrough } from "./execution/pass-through.ts";
export {
  adoptChanges,
  type ExecutionEnd,
  type ExecutionStart,
  type ForkOrigin,
  restoreSnapshot,
  type Snapshot,
  type SnapshotPart,
  takeChanges,
} from "./execution/snapshot.ts";
export { parseTaskToken, type TaskTokenParts } from "./execution/task-token.ts";
export { forkContextOf, type StepResult as Step, startExecution, transition } from "./execution/transition.ts";
export * from "./json.ts";
export { explainFailure, type Failure } from "./lint/explain-failure.ts";
export { type LintOptions, lintDefinition } from "./lint/lint-definition.ts";
export type { LintEdit, LintFinding, LintRule, LintSeverity } from "./lint/lint-rule.ts";
export { LINT_RULES } from "./lint/rules/index.ts";
export type { PolicyPlace } from "./policy/grant.ts";
export {
  type Policy,
  type PolicyNote,
  type PolicyOptions,
  type PolicyStatement,
  policyOf,
} from "./policy/policy-of.ts";
export * from "./test-state/state-test.ts";
export type { ConversionFinding } from "./to-jsonata/refusal.ts";
export { type Conversion, toJsonata } from "./to-jsonata/to-jsonata.ts";
