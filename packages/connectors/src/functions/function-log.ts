import { StringDecoder } from "node:string_decoder";
import type { InvocationRequest } from "./invocation.ts";
import { LOG_TAIL_BYTES_MAX } from "./invocation.ts";

/** One line that a function printed, or a word of the house about it (`platform`). */
export interface FunctionLogLine {
  readonly functionName: string;
  readonly stream: "stdout" | "stderr" | "platform";
  /** Without its line end; longer lines come in pieces of `LINE_LENGTH_MAX` characters. */
  readonly message: string;
  /** Absent while the function initialises, or when a process says something between invocations. */
  readonly requestId?: string;
  readonly executionArn?: string;
  readonly stateName?: string;
}

export type FunctionLog = (line: FunctionLogLine) => void;

const LINE_LENGTH_MAX = 65_536;

/** Cuts what a process prints into lines, with a bound on a line that never ends. */
export class LineSplitter {
  readonly #decoder = new StringDecoder("utf8");
  readonly #emit: (line: string) => void;
  #rest = "";

  constructor(emit: (line: string) => void) {
    this.#emit = emit;
  }

  write(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line.endsWith("\r") ? line.slice(0, -1) : line);
    while (this.#rest.length >= LINE_LENGTH_MAX) {
      this.#emit(this.#rest.slice(0, LINE_LENGTH_MAX));
      this.#rest = this.#rest.slice(LINE_LENGTH_MAX);
    }
  }

  /** What is left without a line end. */
  flush(): void {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = "";
    if (rest !== "") this.#line(rest);
  }

  #line(line: string): void {
    let start = 0;
    do {
      this.#emit(line.slice(start, start + LINE_LENGTH_MAX));
      start += LINE_LENGTH_MAX;
    } while (start < line.length);
  }
}

/** The end of what one invocation printed, bounded. */
export class LogTail {
  #lines: string[] = [];
  #bytes = 0;

  add(line: string): void {
    this.#lines.push(line);
    this.#bytes += Buffer.byteLength(line) + 1;
    while (this.#lines.length > 1 && this.#bytes - Buffer.byteLength(this.#lines[0]!) > LOG_TAIL_BYTES_MAX) {
      this.#bytes -= Buffer.byteLength(this.#lines.shift()!) + 1;
    }
  }

  text(): string {
    const bytes = Buffer.from(this.#lines.map((line) => `${line}\n`).join(""));
    return bytes.subarray(Math.max(0, bytes.length - LOG_TAIL_BYTES_MAX)).toString();
  }
}

export function logContext(
  request: InvocationRequest | undefined,
): Pick<FunctionLogLine, "requestId" | "executionArn" | "stateName"> {
  if (request === undefined) return {};
  const { requestId, executionArn, stateName } = request;
  return { requestId, executionArn, stateName };
}
