/** What the caller of a command can mend: shown as one line, without a stack trace. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
