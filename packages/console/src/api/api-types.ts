/** The server's own types of `/api/v1`, and those of map runs; types only: nothing of the server is in the browser. */
export type {
  ApiActivity,
  ApiEventPage,
  ApiExecution,
  ApiExecutionItem,
  ApiExecutionPage,
  ApiFailingGroup,
  ApiFork,
  ApiForkAnswer,
  ApiHistoryEvent,
  ApiLintAnswer,
  ApiMachine,
  ApiOverview,
  ApiPage,
  ApiSession,
  ApiStatusBucket,
  ApiWaitingTask,
} from "@stepwell/server";
