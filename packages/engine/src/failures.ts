/**
 * `@stepwell/engine/failures`: what a thread that writes into a store needs of the engine. Loading all of it would be most of
 * such a thread's start (0.15 of 0.2 s).
 */
export { CommitConflict } from "./ports/store.ts";
export { StoreUnavailable } from "./rejection.ts";
