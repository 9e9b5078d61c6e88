import { expect, test } from "vitest";
import { firstRequests } from "./early.ts";
import { pageAt, pagePath } from "./pages.ts";

test("a page's first requests are known from its address", () => {
  expect(firstRequests("/", "")).toEqual([["/api/v1/overview?hours=24"]]);
  expect(firstRequests("/runs", "?status=FAILED,ABORTED")).toEqual([
    ["/api/v1/executions?status=FAILED&status=ABORTED&limit=100"],
  ]);
  const arn = "arn%3Aaws%3Astates%3Aus-east-1%3A123456789012%3Aexecution%3Am%3Ax";
  expect(firstRequests("/runs/execution:m:x", "?state=A")).toEqual([
    [`/api/v1/executions/${arn}`],
    [`/api/v1/executions/${arn}/events?after=0&limit=60`],
  ]);
  expect(firstRequests("/runs/execution:m:x/maps/y", "")).toEqual([]);
  expect(firstRequests("/lab", "")).toEqual([]);
});

test("a machine's page asks for the machine, and for its runs where they are shown", () => {
  const [describe, ...others] = firstRequests("/machines/m%20n", "?tab=definition");
  expect(describe?.[0]).toBe("/");
  expect(describe?.[1]?.body).toEqual({
    stateMachineArn: "arn:aws:states:us-east-1:123456789012:stateMachine:m n",
  });
  expect(others).toEqual([]);
  const search = "stateMachineArn=arn%3Aaws%3Astates%3Aus-east-1%3A123456789012%3AstateMachine%3Am&limit=100";
  expect(firstRequests("/machines/m", "").slice(1)).toEqual([[`/api/v1/executions?${search}`]]);
});

test("the page of an address is found without the router", () => {
  expect(pageAt(pagePath("/console/"))?.path).toBe("/");
  expect(pageAt(pagePath("/console/machines/new/"))?.path).toBe("/machines/$name");
  expect(pageAt(pagePath("/console/runs/a/maps/b"))?.path).toBe("/runs/$id/maps/$map");
  expect(pageAt(pagePath("/console/nowhere"))).toBeUndefined();
});
