/** The parameters of an action: every value is a text on the wire (cloudflow.md 2.2). */
import { parseTimestamp, timestampMs } from "@stepwell/core";
import { invalidArgument, missingParameter } from "./errors.ts";
import { stringOf } from "./flow-request.ts";

/** Names of flows, executions and schedules. cloudflow.md 1. */
const NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,127}$/;
const SHOWN_MAX = 100;

export class Parameters {
  readonly #all: ReadonlyMap<string, unknown>;

  constructor(all: ReadonlyMap<string, unknown>) {
    this.#all = all;
  }

  get names(): Iterable<string> {
    return this.#all.keys();
  }

  has(name: string): boolean {
    return this.#all.get(name) !== undefined && this.#all.get(name) !== null;
  }

  /** The text, or `undefined` when the parameter is not there. */
  optional(name: string): string | undefined {
    return this.has(name) ? stringOf(this.#all.get(name)) : undefined;
  }

  /** Empty when the parameter is not there. */
  text(name: string): string {
    return this.optional(name) ?? "";
  }

  /** Throws MissingRequiredParams for one that is not there, or empty. */
  required(name: string): string {
    const text = this.text(name);
    if (text === "") throw missingParameter(name);
    return text;
  }

  name(name: string): string {
    return checkedName(name, this.required(name));
  }

  number(name: string, min: number, max: number): number | undefined {
    const text = this.text(name);
    if (text === "") return undefined;
    const value = /^-?\d{1,15}(?:\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw invalidArgument(`${name} must be a whole number from ${min} to ${max}, got '${shown(text)}'.`);
  }

  /** Not only whole ones. */
  decimal(name: string, min: number, max: number): number | undefined {
    const text = this.text(name);
    if (text === "") return undefined;
    const value = /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw invalidArgument(`${name} must be a number from ${min} to ${max}, got '${shown(text)}'.`);
  }

  flag(name: string): boolean | undefined {
    const text = this.text(name).toLowerCase();
    if (text === "") return undefined;
    if (text === "true" || text === "false") return text === "true";
    throw invalidArgument(`${name} must be true or false, got '${shown(text)}'.`);
  }

  /** An RFC 3339 time in milliseconds. */
  time(name: string): number | undefined {
    const text = this.text(name);
    if (text === "") return undefined;
    const at = parseTimestamp(text);
    if (at === undefined) throw invalidArgument(`${name} must be an RFC 3339 time, got '${shown(text)}'.`);
    return timestampMs(at);
  }

  /** JSON of the text; `undefined` when the parameter is not there, or empty. */
  json(name: string): unknown {
    const text = this.text(name);
    if (text === "") return undefined;
    try {
      return JSON.parse(text);
    } catch {
      throw invalidArgument(`${name} must be JSON, got '${shown(text)}'.`);
    }
  }

  /** The text of a JSON object, exactly as it was sent; absent and empty are `otherwise`. */
  objectText(name: string, otherwise: string): string {
    const value = this.json(name);
    if (value === undefined) return otherwise;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return this.text(name);
    throw invalidArgument(`${name} must be a JSON object, got '${shown(this.text(name))}'.`);
  }

  /** A text whose length is bounded; `undefined` when the parameter is not there, or empty. */
  bounded(name: string, max: number): string | undefined {
    const text = this.text(name);
    if ([...text].length > max)
      throw invalidArgument(`${name} must have at most ${max} characters, got ${text.length}.`);
    return text === "" ? undefined : text;
  }
}

export function checkedName(parameter: string, value: string): string {
  if (NAME.test(value)) return value;
  throw invalidArgument(`${parameter} must match ${NAME.source}, got '${shown(value)}'.`);
}

export function shown(text: string): string {
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX - 3)}...`;
}
