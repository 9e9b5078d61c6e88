/** One name of a States error. ASL spec, "Errors"; AWS, "Handling errors in workflows". */
export interface StatesErrorName {
  readonly name: string;
  /** In which case. */
  readonly when: string;
  /** False: no Retry and no Catch sees it, the execution fails. */
  readonly handled: boolean;
  /** Matched by States.TaskFailed; States.ALL matches all that are handled. */
  readonly taskFailed: boolean;
}

const handled = (name: string, when: string): StatesErrorName => ({ name, when, handled: true, taskFailed: true });
const fatal = (name: string, when: string): StatesErrorName => ({ name, when, handled: false, taskFailed: false });

/** The names of errors that the language knows, beside those that tasks and Fail states give. */
export const STATES_ERRORS: readonly StatesErrorName[] = [
  { ...handled("States.ALL", "in ErrorEquals only: any error that can be handled"), taskFailed: false },
  handled("States.TaskFailed", "a task failed without a name of its own; in ErrorEquals: any error but States.Timeout"),
  {
    ...handled("States.Timeout", "TimeoutSeconds have passed; also HeartbeatSeconds without a heartbeat"),
    taskFailed: false,
  },
  handled("States.HeartbeatTimeout", "in ErrorEquals: HeartbeatSeconds have passed without a heartbeat"),
  handled("States.Permissions", "the role may not perform the task"),
  handled("States.ResultPathMatchFailure", "ResultPath does not fit the input"),
  handled("States.IntrinsicFailure", "an intrinsic function cannot do its work"),
  handled("States.QueryEvaluationError", "a JSONata expression fails, or gives what the field cannot take"),
  handled("States.ItemReaderFailed", "a Map's ItemReader cannot read its items"),
  handled("States.ResultWriterFailed", "a Map's ResultWriter cannot write"),
  handled("States.ExceedToleratedFailureThreshold", "more items of a Map failed than it tolerates"),
  handled("States.Http.Socket", "an HTTP Task got no answer within 60 seconds"),
  handled("States.Http.StatusCode.<number>", "an HTTP Task got another status than 2xx"),
  fatal("States.DataLimitExceeded", "a payload is larger than 256 KiB (limits.profile extended: 8 MiB)"),
  fatal(
    "States.Runtime",
    "a path that is not there, a value no field can take, no Choice rule that matches, a deleted activity",
  ),
];
