/** The face of the generated evaluator (src/generated/jsonata-sync.ts), and the tree it works on. */
import type { Frame } from "./jsonata-frame.ts";

/** A node of a parsed expression. Which members are there depends on `type`; jsonata 2.0.6, src/parser.js. */
export interface JsonataNode {
  readonly type: string;
  readonly value?: unknown;
  readonly position?: number;
  readonly steps?: readonly JsonataNode[];
  readonly stages?: readonly JsonataStage[];
  readonly predicate?: readonly JsonataStage[];
  readonly group?: JsonataGroup;
  /** Name of the variable that `@` or `#` binds at this step. */
  readonly focus?: string;
  readonly index?: string;
  /** True where the bindings of a step are carried on to the steps behind it. */
  readonly tuple?: boolean;
  /** Operands; for `{` a list of pairs in `lhs`, for `^` terms. */
  readonly lhs?: JsonataNode | readonly (readonly [JsonataNode, JsonataNode])[];
  readonly rhs?: JsonataNode;
  readonly terms?: readonly { readonly expression: JsonataNode }[];
  readonly expression?: JsonataNode;
  readonly expressions?: readonly JsonataNode[];
  readonly arguments?: readonly JsonataNode[];
  readonly procedure?: JsonataNode;
  readonly body?: JsonataNode;
  readonly thunk?: boolean;
  readonly condition?: JsonataNode;
  readonly then?: JsonataNode;
  readonly else?: JsonataNode;
  readonly pattern?: JsonataNode;
  readonly update?: JsonataNode;
  readonly delete?: JsonataNode;
}

export interface JsonataStage {
  readonly type: "filter" | "index";
  readonly expr?: JsonataNode;
  readonly value?: string;
}

export interface JsonataGroup {
  readonly lhs: readonly (readonly [JsonataNode, JsonataNode])[];
}

/** What the library throws: a plain object, or an error of the host. */
export interface JsonataFailure {
  code?: unknown;
  message?: unknown;
}

export interface JsonataLibrary {
  parse(text: string): JsonataNode;
  evaluate(expression: JsonataNode, input: unknown, environment: Frame): unknown;
  /** Puts the message of the failure's code into the failure. */
  populateMessage(failure: JsonataFailure): void;
  /** A built-in function; `signature` as in JSONata's documentation, "Function signature syntax". */
  defineFunction(implementation: (...values: never[]) => unknown, signature: string): unknown;
  /** The frame of the built-in functions. */
  readonly staticFrame: Frame;
  isFunction(value: unknown): boolean;
  isSequence(value: unknown): boolean;
  createSequence(...items: unknown[]): unknown[];
  /** A document as the context of an expression: an array counts as one item. */
  asContext(document: unknown): unknown;
}
