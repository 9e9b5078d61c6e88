/**
 * Events that were not delivered yet, in a file, so that they are after the process died. It is written before the
 * caller of an operation is answered, and emptied whenever everything was delivered. A process that dies (`kill -9`)
 * loses nothing that is in it; a machine that loses power may lose the last seconds.
 */
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { StatusEvent } from "./status-event.ts";

const FILE_BYTES_MAX = 64 * 1_048_576;

export class EventJournal {
  readonly #file: number;
  readonly #left: readonly StatusEvent[];
  #bytes = 0;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#file = openSync(path, "a+", 0o600);
    const text = readFileSync(this.#file, "utf8");
    this.#bytes = Buffer.byteLength(text);
    this.#left = text.split("\n").flatMap(parseLine);
  }

  /** What an earlier process left undelivered. */
  get left(): readonly StatusEvent[] {
    return this.#left;
  }

  /** False: the journal is full, and the event is only in memory. */
  add(events: readonly StatusEvent[]): boolean {
    const text = events.map((event) => `${JSON.stringify(event)}\n`).join("");
    if (this.#bytes + text.length > FILE_BYTES_MAX) return false;
    this.#bytes += writeSync(this.#file, text);
    return true;
  }

  emptied(): void {
    if (this.#bytes === 0) return;
    ftruncateSync(this.#file, 0);
    this.#bytes = 0;
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** A line that was cut off by the end of a process is none. */
function parseLine(line: string): StatusEvent[] {
  if (!line.startsWith("{") || !line.endsWith("}")) return [];
  try {
    return [JSON.parse(line) as StatusEvent];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
