import { expect, test } from "vitest";
import { asJsonText, parseSince, runQuery } from "./run-query.ts";

test("the URL is a search", () => {
  const url = { status: "FAILED,ABORTED", since: "24h", path: "$.id", equals: "A-1", in: "output" };
  expect(runQuery(url, "order", 86_400_000)).toEqual({
    stateMachineArn: "arn:aws:states:us-east-1:123456789012:stateMachine:order",
    status: ["FAILED", "ABORTED"],
    from: 0,
    in: "output",
    path: "$.id",
    equals: '"A-1"',
  });
  expect(runQuery({}, undefined, 0)).toEqual({});
});

test("a bare word is a text, JSON stays what it is", () => {
  expect(asJsonText("12")).toBe("12");
  expect(asJsonText("word")).toBe('"word"');
  expect(parseSince("15m")).toBe(900_000);
  expect(parseSince("later")).toBeUndefined();
});
