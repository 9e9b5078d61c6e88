export type { ChildExecution, FlowsApi } from "./cloudflow/flow-children.ts";
export type { MessageEndpoints } from "./cloudflow/flow-messages.ts";
export { FlowTasks, type FlowTasksOptions } from "./cloudflow/flow-tasks.ts";
export type { JobCall, JobType } from "./custom-jobs/job-type.ts";
export type {
  CommandFunctionConfig,
  FunctionConfig,
  HandlerFunctionConfig,
  ProcessFunctionSettings,
  UrlFunctionConfig,
} from "./functions/function-config.ts";
export { parseHandler } from "./functions/function-config.ts";
export type { FunctionLog, FunctionLogLine } from "./functions/function-log.ts";
export { FunctionsClosedError } from "./functions/functions-closed.ts";
export type { ConnectionConfig, OAuthConfig } from "./http-task/connection.ts";
export { HttpTask, type HttpTaskSettings } from "./http-task/http-task.ts";
export { readItems } from "./item-readers/read-items.ts";
export { unsupportedReader } from "./item-readers/unsupported-reader.ts";
export { parseFunctionReference } from "./lambda/function-reference.ts";
export { createMapRunIo } from "./map-run-io.ts";
export { createObjectStore, type ObjectStoreOptions } from "./object-store/create-object-store.ts";
export { LocalBuckets } from "./object-store/local-buckets.ts";
export { openResultWriter, type ResultWriterOptions } from "./result-writer/open-result-writer.ts";
export { combineResults } from "./result-writer/shaped-results.ts";
export {
  MOCK_CONFIG_SCHEMA,
  type MockConfig,
  type MockedAnswer,
  type MockedResponse,
  mockConfigProblems,
} from "./routing/mock-config.ts";
export { MockedTask, testCaseOf } from "./routing/mocked-task.ts";
export type { TaskRoute } from "./routing/routed-task.ts";
export { type FieldValidationMode, mockResultProblem } from "./service-models/mock-result.ts";
export type * from "./service-models/model-data.ts";
export { actionName, memberName } from "./service-models/names.ts";
export { type ParameterProblem, type ParametersRead, readParameters } from "./service-models/parameters.ts";
export {
  type OperationModel,
  type ServiceModel,
  serviceModel,
  servicePrefixes,
} from "./service-models/service-model.ts";
export { AwsClients } from "./services/aws-clients.ts";
export { AwsServices } from "./services/aws-services.ts";
export { type AwsSettings, endpointOf } from "./services/aws-settings.ts";
export { clientPackage } from "./services/client-packages.ts";
export type { ResourceProblem } from "./services/sdk-task.ts";
export { ServiceCallError, type ServiceCallFailure } from "./services/service-call-error.ts";
export { signedHeaders } from "./services/signing.ts";
export { type StaticProblem, staticParameterProblems } from "./services/static-parameters.ts";
export { NestedExecutions } from "./step-functions/nested-executions.ts";
export { StepFunctionsSdkCalls } from "./step-functions/sdk-calls.ts";
export type { StepFunctionsApi } from "./step-functions/step-functions-api.ts";
export type { ConnectorFamily, FunctionRouter, TaskRouterOptions } from "./task-router.ts";
export { createTaskRouter, functionProblems, supportsResource } from "./task-router.ts";
