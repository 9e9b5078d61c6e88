/**
 * The library itself, asynchronous as published: what it answers decides which rows the suite may fail. In a thread of its
 * own, because it can run for ever: `$formatNumber(0, '0.00e0')` does.
 */
import { parentPort } from "node:worker_threads";
import jsonata from "jsonata";
import type { JsonataRow } from "./jsonata-row.ts";

export interface PeerAnswer {
  readonly value?: unknown;
  readonly undefined?: true;
  readonly code?: string;
  readonly message?: string;
}

/** JSONata's own test runner bounds every row so. */
function bound(expression: jsonata.Expression, row: JsonataRow): void {
  const depthMax = row.depth ?? 500;
  let depth = 0;
  const count = (step: 1 | -1) => (_node: unknown, _input: unknown, environment: { isParallelCall?: boolean }) => {
    if (environment.isParallelCall === true) return;
    depth += step;
    if (depth > depthMax) throw { code: "U1001", message: "Stack overflow error" };
  };
  // The published types know neither symbols nor these two hooks.
  const assign = expression.assign.bind(expression) as (name: unknown, value: unknown) => void;
  assign(Symbol.for("jsonata.__evaluate_entry"), count(1));
  assign(Symbol.for("jsonata.__evaluate_exit"), count(-1));
}

async function answer(row: JsonataRow, document: unknown): Promise<PeerAnswer> {
  try {
    const expression = jsonata(row.expr);
    bound(expression, row);
    const value: unknown = await expression.evaluate(document, row.bindings);
    return value === undefined ? { undefined: true } : { value: JSON.parse(JSON.stringify(value)) };
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    return { ...(code === undefined ? {} : { code }), message: String(message) };
  }
}

parentPort?.on("message", ({ row, document }: { row: JsonataRow; document: unknown }) => {
  void answer(row, document).then((result) => parentPort?.postMessage(result));
});
