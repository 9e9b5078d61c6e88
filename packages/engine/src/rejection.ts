/**
 * A request the engine refuses for a reason the caller can mend. `name` is AWS's error name; the server's error table
 * gives it its HTTP status. `message` is AWS's wording where it is known.
 */
export class Rejection extends Error {
  /** Extra members of the error body, such as ValidationException's `reason`. */
  readonly details: { readonly [member: string]: unknown };

  constructor(name: string, message: string, details: { readonly [member: string]: unknown } = {}) {
    super(message);
    this.name = name;
    this.details = details;
  }
}

/** The store cannot answer now (away, locked, full). Retried with bounds inside the engine; what is left becomes one 5xx. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}
