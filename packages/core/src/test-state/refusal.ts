/** The names of the API's errors. */
export type RefusalCode = "ValidationException" | "InvalidDefinition" | "InvalidExecutionInput";

/** Why nothing can be tested; caught by `testState` alone. */
export class StateTestRefusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.name = "StateTestRefusal";
    this.code = code;
  }
}

export function invalid(message: string): StateTestRefusal {
  return new StateTestRefusal("ValidationException", message);
}
