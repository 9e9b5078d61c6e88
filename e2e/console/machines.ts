/** State machines for the tests of the console, and runs of them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { callAws } from "./browser.ts";

const ROLE = "arn:aws:iam::123456789012:role/console";
const SAMPLE = join(import.meta.dirname, "..", "..", "examples", "connect-users", "definition.asl.json");

const ORDER = {
  Comment: "An order, from its check to its shipping",
  StartAt: "Check",
  States: {
    Check: {
      Type: "Pass",
      Parameters: { checked: true, "total.$": "$.total" },
      ResultPath: "$.order",
      Next: "How much?",
    },
    "How much?": {
      Type: "Choice",
      Choices: [
        { Variable: "$.total", NumericGreaterThan: 1000, Next: "Ask a person" },
        { Variable: "$.total", NumericLessThan: 0, Next: "Refuse" },
      ],
      Default: "Prepare",
    },
    "Ask a person": {
      Type: "Task",
      Resource: "arn:aws:states:us-east-1:123456789012:activity:approve",
      ResultPath: "$.approval",
      Next: "Prepare",
    },
    Prepare: {
      Type: "Parallel",
      Branches: [
        {
          StartAt: "Pack",
          States: {
            Pack: {
              Type: "Map",
              ItemsPath: "$.items",
              ItemProcessor: {
                StartAt: "Pack one",
                States: {
                  "Pack one": { Type: "Pass", Parameters: { "sku.$": "$.sku", packed: true }, Next: "Label" },
                  Label: { Type: "Pass", Result: "ok", ResultPath: "$.label", End: true },
                },
              },
              End: true,
            },
          },
        },
        {
          StartAt: "Reserve van",
          States: {
            "Reserve van": { Type: "Wait", Seconds: 2, Next: "Van" },
            Van: { Type: "Pass", Result: { van: 7 }, End: true },
          },
        },
      ],
      ResultPath: "$.prepared",
      Next: "Ship",
    },
    Ship: { Type: "Succeed" },
    Refuse: { Type: "Fail", Error: "OrderRefused", Cause: '{"reason":"the total is below zero"}' },
  },
};

const BULK = {
  StartAt: "Each row",
  States: {
    "Each row": {
      Type: "Map",
      Label: "Rows",
      ItemsPath: "$.rows",
      MaxConcurrency: 100,
      ToleratedFailurePercentage: 5,
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" },
        StartAt: "Good?",
        States: {
          "Good?": {
            Type: "Choice",
            Choices: [{ Variable: "$.bad", BooleanEquals: true, Next: "Bad" }],
            Default: "Good",
          },
          Good: { Type: "Pass", End: true },
          Bad: { Type: "Fail", Error: "RowIsBad", Cause: '{"message":"no e-mail address"}' },
        },
      },
      ResultPath: null,
      End: true,
    },
  },
};

export const ROWS = 2_000;

type Created = { readonly stateMachineArn: string };
type Started = { readonly executionArn: string };

async function create(url: string, name: string, definition: string): Promise<string> {
  const { stateMachineArn } = await callAws<Created>(url, "CreateStateMachine", { name, definition, roleArn: ROLE });
  return stateMachineArn;
}

async function start(url: string, stateMachineArn: string, name: string, input: unknown): Promise<void> {
  await callAws<Started>(url, "StartExecution", { stateMachineArn, name, input: JSON.stringify(input) });
}

/** connect-users (not run), order with runs that fail, wait and succeed, and bulk with a map run of ROWS rows. */
export async function makeMachines(url: string): Promise<void> {
  await create(url, "connect-users", readFileSync(SAMPLE, "utf8"));
  await callAws(url, "CreateActivity", { name: "approve" });
  const order = await create(url, "order", JSON.stringify(ORDER));
  const items = [{ sku: "chair" }, { sku: "table" }, { sku: "lamp" }];
  await start(url, order, "order-50", { orderId: "A-50", total: 50, items });
  await start(url, order, "order-minus", { orderId: "A-51", total: -3, items });
  await start(url, order, "order-5000", { orderId: "A-52", total: 5000, items });
  await start(url, order, "order-7000", { orderId: "A-53", total: 7000, items });
  const bulk = await create(url, "bulk", JSON.stringify(BULK));
  const rows = Array.from({ length: ROWS }, (_, row) => ({ row, bad: row % 97 === 3 }));
  await start(url, bulk, "import", { rows });
}

/** A run that waits for an hour, as long as its input says. */
export async function startNap(url: string): Promise<void> {
  const nap = { StartAt: "Nap", States: { Nap: { Type: "Wait", SecondsPath: "$.seconds", End: true } } };
  await start(url, await create(url, "nap", JSON.stringify(nap)), "nap", { seconds: 3_600 });
}

/** A state machine that has not run. */
export async function makeEmpty(url: string, name: string): Promise<void> {
  await create(url, name, JSON.stringify({ StartAt: "A", States: { A: { Type: "Succeed" } } }));
}
