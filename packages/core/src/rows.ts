/**
 * `@stepwell/core/rows`: what a thread that reads rows of files needs of the core. Loading all of it would be most of such a
 * thread's start (0.15 of 0.2 s).
 */
export { CsvItems, type CsvItemsState } from "./csv/csv-items.ts";
export { DamagedData } from "./csv/damaged-data.ts";
export { StatesErrorSignal } from "./errors/states-error.ts";
