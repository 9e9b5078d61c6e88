import type { Json } from "@stepwell/core";

/** A kind of job of the user's own systems, for `arn:aws:states:::custom:<name>.sync`. */
export interface JobType {
  readonly start: JobCall;
  readonly describe: JobCall;
  /** Stops a job whose task was aborted or timed out. */
  readonly stop?: JobCall;
  /** Where the job's status is in what `describe` answers: `status`, `job.state`. Default `status`. */
  readonly status?: string;
  /** Statuses, with `*` for anything. */
  readonly success: readonly string[];
  readonly failure: readonly string[];
  /** Where the task's result is in what `describe` answers. Default: all of it. */
  readonly result?: string;
  /** The least time between two questions. Default 1. */
  readonly pollSeconds?: number;
}

/**
 * A request or a command. In texts, `{input}` is the task's input, `{job}` what `start` answered, and `{job.id}` a member
 * of them; in URLs they are encoded, and elsewhere objects are written as JSON. `{token}` is the same whenever the same
 * task is sent, also after a crash: a key by which the system can know that it has started the job already.
 */
export type JobCall =
  | {
      readonly url: string;
      /** Default POST for start and stop, GET for describe. */
      readonly method?: string;
      readonly headers?: Readonly<Record<string, string>>;
      /** Default: the input for start, nothing for the others. */
      readonly body?: Json;
    }
  /** Gets the same as JSON on standard input, `{"input": …, "token": …, "job": …}`, and answers JSON on standard output. */
  | { readonly command: readonly string[]; readonly env?: Readonly<Record<string, string>> };
