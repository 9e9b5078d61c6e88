import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../json.ts";
import { FlowExpressionError } from "./expression-tokens.ts";

/** Why a flow is refused, or what was overlooked in it. */
export interface FlowDiagnostic {
  readonly severity: "ERROR" | "WARNING";
  /** The name of the step or state it is about, when it has one. */
  readonly step?: string;
  /** JSON Pointer into the flow. */
  readonly pointer: string;
  /** Field, value (shortened) and rule. */
  readonly message: string;
}

const DIAGNOSTICS_MAX = 100;

/** All that is found in one flow. */
export class FlowFindings {
  readonly all: FlowDiagnostic[] = [];

  get refused(): boolean {
    return this.all.some(({ severity }) => severity === "ERROR");
  }

  add(severity: FlowDiagnostic["severity"], pointer: string, message: string, step?: string): void {
    if (this.all.length >= DIAGNOSTICS_MAX) return;
    this.all.push({ severity, ...(step === undefined ? {} : { step }), pointer, message });
  }
}

/** A mapping of the flow with its place: reads fields, and reports what is wrong with them. */
export class FlowNode {
  readonly value: JsonObject;
  readonly pointer: string;
  readonly step: string | undefined;
  readonly findings: FlowFindings;

  constructor(value: JsonObject, pointer: string, findings: FlowFindings, step?: string) {
    this.value = value;
    this.pointer = pointer;
    this.findings = findings;
    this.step = step;
  }

  /** Absent and null are one. */
  get(name: string): Json | undefined {
    const value = Object.hasOwn(this.value, name) ? this.value[name] : undefined;
    return value === null ? undefined : value;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  at(name: string | number): string {
    return `${this.pointer}/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`;
  }

  refuse(message: string, name?: string | number): undefined {
    this.findings.add("ERROR", name === undefined ? this.pointer : this.at(name), message, this.step);
    return undefined;
  }

  warn(message: string, name?: string | number): void {
    this.findings.add("WARNING", name === undefined ? this.pointer : this.at(name), message, this.step);
  }

  required(name: string): Json | undefined {
    return this.has(name) ? this.get(name) : this.refuse(`${name} is required`);
  }

  text(name: string, required = false): string | undefined {
    const value = required ? this.required(name) : this.get(name);
    if (value === undefined || typeof value === "string") return value;
    return this.refuse(`${name} must be a string, got ${shown(value)}`, name);
  }

  /** The name or the words of an error: text, or the number that YAML made of it. */
  words(name: string): string | undefined {
    const value = this.get(name);
    return typeof value === "number" ? String(value) : this.text(name);
  }

  /** A condition: text, or the constant that YAML made of it. */
  condition(name: string): string | undefined {
    const value = this.required(name);
    if (value === undefined || typeof value === "string") return value;
    if (typeof value === "boolean") return String(value);
    return this.refuse(`${name} must be a condition, got ${shown(value)}`, name);
  }

  flag(name: string): boolean {
    const value = this.get(name);
    if (value === undefined || typeof value === "boolean") return value ?? false;
    this.refuse(`${name} must be true or false, got ${shown(value)}`, name);
    return false;
  }

  number(
    name: string,
    range: { readonly min: number; readonly max: number; readonly whole?: boolean },
  ): number | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    const { min, max, whole = true } = range;
    if (typeof value === "number" && value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
    const kind = whole ? "whole number" : "number";
    return this.refuse(`${name} must be a ${kind} from ${min} to ${max}, got ${shown(value)}`, name);
  }

  list(name: string, required = false): readonly Json[] | undefined {
    const value = required ? this.required(name) : this.get(name);
    if (value === undefined || isJsonArray(value)) return value;
    return this.refuse(`${name} must be a list, got ${shown(value)}`, name);
  }

  /** The mappings of a list; elements that are none are reported and left out. */
  nodes(name: string, required = false, step: string | undefined = this.step): FlowNode[] {
    const list = this.list(name, required) ?? [];
    return list.flatMap((value, index) => {
      const pointer = `${this.at(name)}/${index}`;
      if (isJsonObject(value)) return [new FlowNode(value, pointer, this.findings, step)];
      this.findings.add("ERROR", pointer, `must be a mapping, got ${shown(value)}`, step);
      return [];
    });
  }

  child(name: string, required = false): FlowNode | undefined {
    const value = required ? this.required(name) : this.get(name);
    if (value === undefined) return undefined;
    if (isJsonObject(value)) return new FlowNode(value, this.at(name), this.findings, this.step);
    return this.refuse(`${name} must be a mapping, got ${shown(value)}`, name);
  }

  /** The same node, known to belong to a step. */
  named(step: string | undefined): FlowNode {
    return new FlowNode(this.value, this.pointer, this.findings, step);
  }

  /** Reports what is wrong with an expression at `name`. */
  expression<T>(name: string | number, parse: () => T): T | undefined {
    try {
      return parse();
    } catch (error) {
      if (error instanceof FlowExpressionError) return this.refuse(`${name} ${error.message}`, name);
      throw error;
    }
  }
}

export function shown(value: Json): string {
  const text = JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}
