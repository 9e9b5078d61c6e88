/** The face of the `stepwell` package for programs: the house put together. The commands are in `main.ts`. */
export { createFlowAuthenticator } from "@stepwell/server";
export { type CloudFlowSettings, type Service, serve, serveCloudFlow } from "./commands/start.ts";
export { composeStepwell, type Stepwell, type StepwellOptions } from "./compose.ts";
export {
  defineTests,
  type Expectation,
  type MockAnswer,
  type MockFunction,
  type Mocks,
  type TaskExpectation,
  type TestCase,
  type TestFile,
} from "./testing/test-file.ts";
