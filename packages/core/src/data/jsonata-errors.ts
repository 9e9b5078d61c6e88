/** Why an expression cannot stand in a definition. AWS's codes and, where they are known, AWS's words. */
export interface JsonataProblem {
  readonly code: "INVALID_JSONATA_EXPRESSION" | "UNSUPPORTED_JSONATA_EXPRESSION";
  readonly message: string;
}

/** The expression does not parse, or refers to something that an expression in a state machine cannot have. */
export class JsonataSyntaxError extends Error {
  /** The first of `problems`. */
  readonly problem: JsonataProblem;
  /** At least one, in order of appearance. */
  readonly problems: readonly [JsonataProblem, ...JsonataProblem[]];

  constructor(problems: readonly [JsonataProblem, ...JsonataProblem[]]) {
    super(problems[0].message);
    this.name = "JsonataSyntaxError";
    this.problem = problems[0];
    this.problems = problems;
  }
}

/** The evaluation failed, or went over one of its bounds. */
export class JsonataEvaluationError extends Error {
  /** JSONata's code (`T1006`); `U1001` for a bound; empty where JSONata has none. */
  readonly code: string;
  /** What AWS's cause says after the name of the field: `threw an error during evaluation. T1006: Attempted to …`. */
  readonly sentence: string;

  /** `message` is JSONata's, without the code; `cause` an error of the engine. */
  constructor(code: string, message: string, sentence: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "JsonataEvaluationError";
    this.code = code;
    this.sentence = sentence;
  }
}

/** The result is a function or holds one: there is no JSON for it. */
export class JsonataUnsupportedResult extends Error {
  constructor() {
    super("returned an unsupported result type.");
    this.name = "JsonataUnsupportedResult";
  }
}
