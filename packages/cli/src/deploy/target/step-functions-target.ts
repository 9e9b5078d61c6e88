/** Where state machines and activities are deployed to: a running service, or a data directory that none uses. */
export interface StepFunctionsTarget {
  /** In the words of the plan. */
  readonly description: string;
  /** True for a running service. */
  readonly isRunning: boolean;
  /** An operation of the API that AWS has too. Throws ApiRefusal. */
  call<Answer extends object>(operation: string, input: object): Promise<Answer>;
  close(): Promise<void>;
}

/** What the API refused. */
export class ApiRefusal extends Error {
  /** AWS's name: `StateMachineDoesNotExist`. */
  readonly code: string;

  constructor(operation: string, code: string, message: string) {
    super(`${operation}: ${code}: ${message}`);
    this.name = "ApiRefusal";
    this.code = code;
  }
}
