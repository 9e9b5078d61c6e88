/** The server stops: the task has no result, and the engine asks for it again after its restart. */
export class FunctionsClosedError extends Error {
  override readonly name = "FunctionsClosedError";

  constructor() {
    super("The functions are closed: the server stops");
  }
}
