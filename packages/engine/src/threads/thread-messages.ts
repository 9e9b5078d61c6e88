import type { WorkKinds } from "../ports/work-threads.ts";

/** To a thread: one piece of work, which it answers before it gets the next. */
export type ThreadRequest = {
  readonly [Kind in keyof WorkKinds]: { readonly kind: Kind; readonly asked: WorkKinds[Kind]["asked"] };
}[keyof WorkKinds];

export type ThreadAnswer =
  | { readonly answer: WorkKinds[keyof WorkKinds]["answer"] }
  /** An evaluation failed. */
  | { readonly error: string; readonly cause: string; readonly location: string | undefined }
  /** It threw, which none of what a thread does should: the stack of what was thrown. */
  | { readonly problem: string };
