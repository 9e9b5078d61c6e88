/**
 * How history is stored: one commit appends one chunk (more, when it is long), which is never changed afterwards.
 *
 * A chunk is one line of JSON, `[format, base time, words, payload lengths, numbers]`, then the payloads as they are,
 * one after the other. An event is a run of numbers that point to types, member names, words and payloads, so each text
 * stands once in a chunk, and payloads are neither escaped nor parsed. The input and the output of the execution are
 * kept with the execution and only pointed to.
 *
 * H1. The tables of types and members only grow at their ends: stored chunks point into them.
 * H2. A word may be any text; a payload is a JSON text (so it holds no NUL, which some databases refuse in a text).
 */
import { type EpochMs, type HistoryEvent, NewerFormat } from "@stepwell/core";
import { orWrittenByNewer } from "../executions/written-by-newer.ts";
import { DETAIL_MEMBERS, HISTORY_TYPES } from "./history-tables.ts";

/** Some events of one execution with consecutive ids. */
export interface HistoryChunk {
  readonly firstId: number;
  readonly lastId: number;
  readonly text: string;
}

/** The texts that are stored with the execution, once for all chunks. */
export interface ExecutionTexts {
  readonly input?: string | undefined;
  readonly output?: string | undefined;
}

const FORMAT = 1;
/** A chunk is closed when it holds about this much, so that reading one event never reads much more. */
const CHUNK_CHARACTERS_MAX = 262_144;
const CHUNK_EVENTS_MAX = 512;

// What a text reference points to: the lowest three bits of the number.
const WORD = 0;
const PAYLOAD = 1;
const EXECUTION_INPUT = 2;
const EXECUTION_OUTPUT = 3;
const NUMBER = 4;
const NAMED_TEXTS = 5;
const KIND_BITS = 8;
const NO_DETAILS = -1;

const TYPE_CODES: ReadonlyMap<string, number> = new Map(HISTORY_TYPES.map((type, code) => [type, code]));
const MEMBER_CODES: ReadonlyMap<string, number> = new Map(DETAIL_MEMBERS.map((member, code) => [member, code]));
const PAYLOAD_MEMBERS: ReadonlySet<string> = new Set(["input", "output", "parameters", "assignedVariables"]);

const OWN = { writable: true, enumerable: true, configurable: true };

type Details = NonNullable<HistoryEvent["details"]>;

/** The chunks of a step's history: `events` in order of id, without gaps. */
export function encodeHistory(events: readonly HistoryEvent[], texts: ExecutionTexts): HistoryChunk[] {
  const chunks: HistoryChunk[] = [];
  let writer: ChunkWriter | undefined;
  for (const event of events) {
    writer ??= new ChunkWriter(event, texts);
    writer.add(event);
    if (writer.isFull()) {
      chunks.push(writer.finish());
      writer = undefined;
    }
  }
  if (writer !== undefined) chunks.push(writer.finish());
  return chunks;
}

class ChunkWriter {
  readonly #texts: ExecutionTexts;
  readonly #firstId: number;
  readonly #baseTime: EpochMs;
  readonly #words: string[] = [];
  readonly #payloads: string[] = [];
  readonly #lengths: number[] = [];
  readonly #numbers: number[] = [];
  readonly #wordCodes = new Map<string, number>();
  readonly #payloadCodes = new Map<string, number>();
  #count = 0;
  #characters = 0;

  constructor(first: HistoryEvent, texts: ExecutionTexts) {
    this.#firstId = first.id;
    this.#baseTime = first.timestamp;
    this.#texts = texts;
  }

  isFull(): boolean {
    return this.#count >= CHUNK_EVENTS_MAX || this.#characters >= CHUNK_CHARACTERS_MAX;
  }

  add(event: HistoryEvent): void {
    const numbers = this.#numbers;
    this.#count += 1;
    numbers.push(
      TYPE_CODES.get(event.type) ?? this.#unknown(event.type),
      event.previousEventId === 0 ? 0 : event.id - event.previousEventId,
      event.timestamp - this.#baseTime,
    );
    if (event.details === undefined) numbers.push(NO_DETAILS);
    else this.#addDetails(event.details);
  }

  #addDetails(details: Details): void {
    const numbers = this.#numbers;
    const at = numbers.push(0) - 1;
    let count = 0;
    for (const member in details) {
      const value = details[member];
      if (value === undefined) continue;
      count += 1;
      numbers.push(MEMBER_CODES.get(member) ?? this.#unknown(member));
      if (typeof value === "string") numbers.push(this.#text(member, value));
      else if (typeof value === "number") numbers.push(NUMBER, value);
      else this.#addNamedTexts(member, value);
    }
    numbers[at] = count;
  }

  #addNamedTexts(member: string, texts: { readonly [name: string]: string }): void {
    const entries = Object.entries(texts);
    this.#numbers.push(NAMED_TEXTS, entries.length);
    for (const [name, value] of entries) this.#numbers.push(this.#word(name), this.#text(member, value));
  }

  #text(member: string, value: string): number {
    if (!PAYLOAD_MEMBERS.has(member)) return this.#word(value);
    if (value === this.#texts.input) return EXECUTION_INPUT;
    if (value === this.#texts.output) return EXECUTION_OUTPUT;
    return value.includes("\0") ? this.#word(value) : this.#payload(value);
  }

  #word(value: string): number {
    return this.#wordIndex(value) * KIND_BITS + WORD;
  }

  #unknown(value: string): number {
    return -1 - this.#wordIndex(value);
  }

  #wordIndex(value: string): number {
    let index = this.#wordCodes.get(value);
    if (index === undefined) {
      index = this.#words.push(value) - 1;
      this.#wordCodes.set(value, index);
      this.#characters += value.length;
    }
    return index;
  }

  #payload(value: string): number {
    let index = this.#payloadCodes.get(value);
    if (index === undefined) {
      index = this.#payloads.push(value) - 1;
      this.#payloadCodes.set(value, index);
      this.#lengths.push(value.length);
      this.#characters += value.length;
    }
    return index * KIND_BITS + PAYLOAD;
  }

  finish(): HistoryChunk {
    const head = JSON.stringify([FORMAT, this.#baseTime, this.#words, this.#lengths, this.#numbers]);
    const lastId = this.#firstId + this.#count - 1;
    return { firstId: this.#firstId, lastId, text: `${head}\n${this.#payloads.join("")}` };
  }
}

/** The events of a stored chunk. */
export function decodeHistory(chunk: HistoryChunk, texts: ExecutionTexts): HistoryEvent[] {
  const reader = new ChunkReader(chunk, texts);
  const events: HistoryEvent[] = [];
  for (let id = chunk.firstId; id <= chunk.lastId; id++) events.push(reader.next(id));
  return events;
}

class ChunkReader {
  readonly #texts: ExecutionTexts;
  readonly #baseTime: EpochMs;
  readonly #words: readonly string[];
  readonly #payloads: readonly string[];
  readonly #numbers: readonly number[];
  #at = 0;

  constructor(chunk: HistoryChunk, texts: ExecutionTexts) {
    const line = chunk.text.indexOf("\n");
    const head = JSON.parse(chunk.text.slice(0, line)) as [number, EpochMs, string[], number[], number[]];
    if (head[0] > FORMAT) throw orWrittenByNewer(new NewerFormat("history chunk", head[0], FORMAT));
    if (head[0] !== FORMAT) throw new Error(`a history chunk has format ${head[0]}, this version reads ${FORMAT}`);
    this.#texts = texts;
    this.#baseTime = head[1];
    this.#words = head[2];
    this.#numbers = head[4];
    let start = line + 1;
    this.#payloads = head[3].map((length) => {
      start += length;
      return chunk.text.slice(start - length, start);
    });
  }

  next(id: number): HistoryEvent {
    const type = this.#name(HISTORY_TYPES);
    const back = this.#number();
    const timestamp = this.#baseTime + this.#number();
    const event = { id, previousEventId: back === 0 ? 0 : id - back, timestamp, type };
    const count = this.#number();
    return count === NO_DETAILS ? event : { ...event, details: this.#details(count) };
  }

  #details(count: number): Details {
    const details: { [member: string]: Details[string] } = {};
    for (let i = 0; i < count; i++) {
      const member = this.#name(DETAIL_MEMBERS);
      const value = this.#detail(this.#number());
      // Only a definition of its own makes `__proto__` a member like any other.
      if (member === "__proto__") Object.defineProperty(details, member, { value, ...OWN });
      else details[member] = value;
    }
    return details;
  }

  #detail(code: number): Details[string] {
    if (code === NUMBER) return this.#number();
    return code === NAMED_TEXTS ? this.#namedTexts() : this.#textOf(code);
  }

  #namedTexts(): { readonly [name: string]: string } {
    const count = this.#number();
    const entries: [string, string][] = [];
    // From entries, not by assignment: a variable may be called __proto__.
    for (let i = 0; i < count; i++) entries.push([this.#textOf(this.#number()), this.#textOf(this.#number())]);
    return Object.fromEntries(entries);
  }

  #textOf(code: number): string {
    const index = Math.floor(code / KIND_BITS);
    const kind = code % KIND_BITS;
    if (kind === WORD) return known(this.#words[index]);
    if (kind === PAYLOAD) return known(this.#payloads[index]);
    return known(kind === EXECUTION_INPUT ? this.#texts.input : this.#texts.output);
  }

  #name(table: readonly string[]): string {
    const code = this.#number();
    return known(code < 0 ? this.#words[-1 - code] : table[code]);
  }

  #number(): number {
    return known(this.#numbers[this.#at++]);
  }
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a history chunk points to something it does not hold");
  return value;
}
