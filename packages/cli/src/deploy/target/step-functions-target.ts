import type { Triggers } from "@stepwell/engine";
import { UsageError } from "../../usage-error.ts";

/** Where state machines and activities are deployed to: a running service, or a data directory that none uses. */
export interface StepFunctionsTarget {
  /** In the words of the plan. */
  readonly description: string;
  /** True for a running service. */
  readonly isRunning: boolean;
  /** An operation of the API that AWS has too. Throws ApiRefusal. */
  call<Answer extends object>(operation: string, input: object): Promise<Answer>;
  /** Rules and schedules. Throws ApiRefusal. */
  readonly triggers: Pick<Triggers, "put" | "delete" | "find">;
  close(): Promise<void>;
}

/** What the API refused. */
export class ApiRefusal extends UsageError {
  /** AWS's name: `StateMachineDoesNotExist`. */
  readonly code: string;

  constructor(operation: string, code: string, message: string) {
    const hint = code === "MissingAuthenticationTokenException" ? ` (${CREDENTIALS_HINT})` : "";
    super(`${operation}: ${code}: ${message}${hint}`);
    this.code = code;
  }
}

const CREDENTIALS_HINT =
  "requests are signed with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of a key of stepwell keys";
