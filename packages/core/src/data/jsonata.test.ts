import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../json.ts";
import type { EvaluationScope } from "./evaluation-scope.ts";
import {
  compileJsonata,
  evaluateJsonata,
  JsonataEvaluationError,
  JsonataSyntaxError,
  JsonataUnsupportedResult,
  statesMisuse,
} from "./jsonata.ts";

const facts = { now: Date.UTC(2024, 10, 22, 1, 2, 3, 4), random: () => 0.25, uuid: () => "0b1c…" };

function scopeOf(input: Json, variables: JsonObject = {}, more: Partial<EvaluationScope> = {}): EvaluationScope {
  return { input, context: { Execution: { Name: "e" } }, variables, facts, ...more };
}

function run(text: string, input: Json = {}, variables: JsonObject = {}): Json | undefined {
  return compileJsonata(text).evaluate(scopeOf(input, variables));
}

function failure(text: string, input: Json = {}): JsonataEvaluationError {
  try {
    run(text, input);
  } catch (error) {
    if (error instanceof JsonataEvaluationError) return error;
    throw error;
  }
  throw new Error(`${text} did not fail`);
}

describe("an expression in a state machine", () => {
  it("sees $states and the variables", () => {
    const scope = scopeOf({ a: 1 }, { b: 2 }, { result: 3, errorOutput: { Error: "E" } });
    const text = "[$states.input.a, $b, $states.result, $states.errorOutput.Error, $states.context.Execution.Name]";
    expect(compileJsonata(text).evaluate(scope)).toEqual([1, 2, 3, "E", "e"]);
  });

  it("has no result and no errorOutput where the scope has none", () => {
    expect(run("$exists($states.result) or $exists($states.errorOutput)")).toBe(false);
    expect(run("$keys($states)")).toEqual(["input", "context"]);
  });

  it("gives nothing for what does not exist", () => {
    for (const text of ["$doesNotExist", "$states.input.nope", "$states.input.a.b", "$states.input[0].x"]) {
      expect(run(text, { a: 1 })).toBeUndefined();
    }
  });

  it("is quoted without delimiters and the white space around it", () => {
    expect(compileJsonata("{%  $x + 1 \n%}").text).toBe("$x + 1");
    expect(compileJsonata(" $x ").text).toBe("$x");
  });

  it("takes time from the facts, and UTC where a time has no zone", () => {
    expect(run("$now()")).toBe("2024-11-22T01:02:03.004Z");
    expect(run("$millis()")).toBe(facts.now);
    expect(run("$toMillis('2024-11-22T01:02:03')")).toBe(Date.UTC(2024, 10, 22, 1, 2, 3));
    expect(run("$toMillis('13:45', '[H01]:[m01]') ~> $fromMillis()")).toBe("2024-11-22T13:45:00.000Z");
  });

  it("takes chance from the facts", () => {
    expect(run("$random()")).toBe(0.25);
    expect(run("$uuid()")).toBe("0b1c…");
    expect(run("$shuffle([1, 2, 3])")).toEqual([3, 1, 2]);
  });

  it("gives the same answer however often and in whatever order it is evaluated", () => {
    const expression = compileJsonata("$map($states.input, $uppercase)");
    const message = (input: Json): string => {
      try {
        return JSON.stringify(expression.evaluate(scopeOf(input)));
      } catch (error) {
        return (error as Error).message;
      }
    };
    const first = message([1]);
    run("$uppercase('x')");
    expect(message(["a", "b"])).toBe('["A","B"]');
    expect(message([1])).toBe(first);
  });

  it("agrees with AWS's documentation on an example with local names", () => {
    const text = `(
      $total := $sum($states.input.items.(price * quantity));
      { 'total': $total, 'items': $count($states.input.items), 'rate': $rate }
    )`;
    const items = [
      { price: 2, quantity: 3 },
      { price: 1.5, quantity: 2 },
    ];
    expect(run(text, { items }, { rate: 0.2 })).toEqual({ total: 9, items: 2, rate: 0.2 });
  });
});

describe("results", () => {
  it("are plain JSON, without the evaluator's marks", () => {
    const result = run("{'a': $states.input.a[], 'b': [1..2], 'c': $states.input.c.d}", {
      a: 1,
      c: [{ d: 1 }, { d: 2 }],
    });
    expect(result).toStrictEqual({ a: [1], b: [1, 2], c: [1, 2] });
    expect(Object.values(result as JsonObject).flatMap((array) => Object.getOwnPropertySymbols(array))).toEqual([]);
  });

  it("hold no undefined", () => {
    expect(run("$match('ac', /a(b)?c/)")).toStrictEqual({ match: "ac", index: 0, groups: [null] });
  });

  it("share what is JSON already", () => {
    const input = { big: { list: [1, 2, 3] } };
    expect(run("$states.input.big", input)).toBe(input.big);
  });

  it("spell numbers that JSON has not as AWS does", () => {
    expect(run("[1/0, -1/0, {'x': 1e308 * 10}]")).toEqual(["Infinity", "-Infinity", { x: "Infinity" }]);
    expect(Object.is(run("-1 * 0"), 0)).toBe(true);
  });

  it("are unsupported when they are or hold a function", () => {
    for (const text of ["$sum", "function($x){ $x }", "[1, $sum]", "{'f': /a/}"]) {
      expect(() => run(text)).toThrow(JsonataUnsupportedResult);
    }
  });
});

describe("errors of an evaluation", () => {
  it("carry JSONata's code and message, and AWS's sentence", () => {
    const error = failure("$randomSeeded(1)");
    expect(error.code).toBe("T1006");
    expect(error.message).toBe("Attempted to invoke a non-function");
    expect(error.sentence).toBe("threw an error during evaluation. T1006: Attempted to invoke a non-function");
  });

  it.each([
    ["$eval('1')", "T1006: Attempted to invoke a non-function"],
    ["$sum(['a'])", 'T0412: Argument 1 of function "sum" must be an array of "numbers"'],
    ["1 + 'a'", 'T2002: The right side of the "+" operator must evaluate to a number'],
    ["$error('no stock')", "D3137: no stock"],
    [
      "$formatNumber(1, 'x')",
      "D3086: The sub-picture must not contain a passive character that is preceded by an active",
    ],
    ["$string(1/0)", "D3001: Attempting to invoke string function on Infinity or NaN"],
    ["(function(){ $nope() })()", "T1006: Attempted to invoke a non-function"],
  ])("%s", (text, ending) => {
    expect(failure(text).sentence).toContain(`threw an error during evaluation. ${ending}`);
  });

  it("of the engine are internal ones", () => {
    expect(failure("$base64decode('!!!')").sentence).toBe("threw an internal error during evaluation.");
    expect(failure("$contains('a', $nothing)").code).toBe("");
  });
});

describe("errors of compilation", () => {
  function problems(text: string): string[] {
    try {
      compileJsonata(text);
      return [];
    } catch (error) {
      return (error as JsonataSyntaxError).problems.map(({ code, message }) => `${code}: ${message}`);
    }
  }

  // The wording of AWS's ValidateStateMachineDefinition, as users reported it.
  it.each([
    ["1 +", "INVALID_JSONATA_EXPRESSION: Unexpected end of expression"],
    ["a[1,2)", 'INVALID_JSONATA_EXPRESSION: Expected "]", got ","'],
    ['"unterminated', "INVALID_JSONATA_EXPRESSION: String literal must be terminated by a matching quote"],
    ['{"a":}', 'INVALID_JSONATA_EXPRESSION: The symbol "}" cannot be used as a unary operator'],
    ['$match("a", /abc', "INVALID_JSONATA_EXPRESSION: No terminating / in regular expression"],
    ["$sum($states.input.items.numbers", 'INVALID_JSONATA_EXPRESSION: Expected ")" before end of expression'],
    [
      "$.store.book[?(@.price < 10)].title",
      'INVALID_JSONATA_EXPRESSION: The symbol "?" cannot be used as a unary operator',
    ],
    ["$x ?: 1", 'INVALID_JSONATA_EXPRESSION: The symbol ":" cannot be used as a unary operator'],
    ["$match('a', /[b-a]/)", "INVALID_JSONATA_EXPRESSION: Invalid regular expression: /[b-a]/: Range out of order"],
    ["phone", "UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'phone' at the top level is not supported."],
  ])("%s", (text, problem) => {
    expect(problems(text)[0]).toContain(problem);
  });

  it("name every reference to a context that is not there, once", () => {
    expect(problems("phone & name & phone & $ & $$.x")).toEqual(
      ["phone", "name", "$", "$$"].map(
        (name) => `UNSUPPORTED_JSONATA_EXPRESSION: Reference to '${name}' at the top level is not supported.`,
      ),
    );
  });

  it("are thrown whatever the nesting", () => {
    for (const text of [
      "(".repeat(100_000),
      "[".repeat(100_000),
      `1${"+1".repeat(100_000)}`,
      `a${".a".repeat(100_000)}`,
    ]) {
      expect(() => compileJsonata(text)).toThrow(JsonataSyntaxError);
    }
  });
});

describe("statesMisuse", () => {
  const members = (text: string): ReadonlySet<string> => compileJsonata(text).statesMembers;

  it("finds members that the field does not have", () => {
    expect(statesMisuse(members("$states.errorOutput.Error & $states.result"), new Set(["input", "context"]))).toEqual([
      { code: "UNSUPPORTED_JSONATA_EXPRESSION", message: "Field '$states.result' does not exist." },
      { code: "UNSUPPORTED_JSONATA_EXPRESSION", message: "Field '$states.errorOutput' does not exist." },
    ]);
  });

  it("leaves the others alone", () => {
    expect(statesMisuse(members("$states.result"), new Set(["result"]))).toEqual([]);
    expect(statesMisuse(members("$states"), new Set())).toEqual([]);
  });
});

describe("evaluateJsonata", () => {
  it("is plain JSONata on a document", () => {
    expect(evaluateJsonata("a.b[$ > $min]", { a: { b: [1, 2, 3] } }, { variables: { min: 1 }, facts })).toEqual([2, 3]);
    expect(evaluateJsonata("$[0]", [[1], 2], { variables: {}, facts })).toEqual([1]);
  });
});
