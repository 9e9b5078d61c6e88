/** Data have types along a definition. What must not compile is marked so; `tsc -b` checks it, and that nothing more is. */
import {
  add,
  asString,
  CallAwsService,
  Duration,
  defineFunctions,
  defineStateMachine,
  each,
  eq,
  exists,
  expr,
  Fail,
  gt,
  LambdaInvoke,
  Misuse,
  Pass,
  paths,
  SqsSendMessage,
  Stack,
  sqs,
  sum,
  TaskInput,
  taskInput,
  text,
  times,
  type,
  typedFunction,
  where,
} from "@stepwell/authoring";
import { describe, expect, test } from "vitest";

interface Item {
  readonly sku: string;
  readonly price: number;
  readonly quantity: number;
}
interface Input {
  readonly order: { readonly id: string; readonly items: readonly Item[]; readonly note?: string };
  readonly customer: { readonly email: string };
}

const functions = defineFunctions({
  reserve: (order: { readonly id: string; readonly skus: readonly string[] }) => ({
    reservation: `R-${order.id}`,
    left: 3,
  }),
  pay: async (bill: { readonly amount: number }) => ({ paid: bill.amount }),
});

describe("a typed flow", () => {
  test("gives each step's output to the next one", () => {
    const machine = defineStateMachine<Input>()("Orders", (flow) =>
      flow
        .assign("Keep", ({ input }) => ({ email: input.customer.email, order: input.order }))
        .task("Reserve", functions.reserve, {
          payload: ({ input, at }) => ({ id: at("$.order.id"), skus: each(input.order.items, (item) => item.sku) }),
          output: ({ result, input }) => ({ reservation: result.reservation, items: input.order.items }),
          retry: [{ errors: ["Lambda.TooManyRequestsException"], maxAttempts: 2 }],
          timeout: Duration.seconds(30),
        })
        .task("Pay", functions.pay, {
          payload: ({ input }) => ({ amount: sum(input.items, (item) => times(item.price, item.quantity)) }),
          assign: ({ result }) => ({ paid: result.paid }),
        })
        .pass("Done", ({ input, vars }) => ({
          paid: input.paid,
          again: add(vars.paid, 1),
          message: text`Order ${vars.order.id} is paid`,
        })),
    );
    const { States, QueryLanguage } = machine.definition as {
      States: Record<string, Record<string, unknown>>;
      QueryLanguage: string;
    };
    expect(QueryLanguage).toBe("JSONata");
    expect(States["Reserve"]).toMatchObject({
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      Arguments: {
        FunctionName: "reserve",
        Payload: {
          id: "{% $states.input.order.id %}",
          skus: "{% [$map($states.input.order.items, function($element) { $element.sku })] %}",
        },
      },
      Output: { reservation: "{% $states.result.Payload.reservation %}", items: "{% $states.input.order.items %}" },
      TimeoutSeconds: 30,
      Next: "Pay",
    });
    expect(States["Done"]?.["Output"]).toEqual({
      paid: "{% $states.input.paid %}",
      again: "{% ($paid + 1) %}",
      message: '{% ("Order " & $string($order.id) & " is paid") %}',
    });
  });

  test("joins branches, ways and handlers", () => {
    const machine = defineStateMachine<Input>()("Joins", (flow) =>
      flow
        .parallel(
          "Both",
          (branch) => branch.pass("Left", ({ input }) => ({ left: input.order.id })),
          (branch) => branch.pass("Right", () => 2),
        )
        .pass("Pair", ({ input }) => ({ id: input[0].left, two: input[1] }))
        .choice("Big?", (ways) =>
          ways
            .when(
              ({ input }) => gt(input.two, 1),
              (way) => way.pass("Yes", () => ({ big: true, why: "two" })),
            )
            .otherwise((way) => way.pass("No", () => ({ big: false, because: "one" }))),
        )
        .map(
          "Each",
          () => expr<Item[]>("[]"),
          (item) => item.pass("Line", ({ input }) => times(input.price, 2)),
          { maxConcurrency: 2 },
        )
        .pass("Sum", ({ input }) => ({ total: sum(input, (line) => line) }))
        .call(
          "Tell",
          SqsSendMessage,
          ({ input }) => ({
            queue: sqs.Queue.fromUrl("https://sqs.us-east-1.amazonaws.com/123456789012/q"),
            messageBody: taskInput({ total: input.total }),
          }),
          {
            result: type<{ readonly MessageId: string }>(),
          },
        )
        .catch((handler) => handler.pass("Sorry", ({ input }) => ({ MessageId: input.Cause })), ["States.TaskFailed"])
        .succeed("End", ({ input }) => input.MessageId),
    );
    const { States } = machine.definition as { States: Record<string, Record<string, unknown>> };
    expect(States["Yes"]?.["Next"]).toBe("Each");
    expect(States["No"]?.["Next"]).toBe("Each");
    expect(States["Sorry"]?.["Next"]).toBe("End");
    expect(States["Each"]).toMatchObject({ Items: "{% [] %}", MaxConcurrency: 2 });
    expect(States["Tell"]).toMatchObject({
      Catch: [{ ErrorEquals: ["States.TaskFailed"], Output: "{% $states.errorOutput %}", Next: "Sorry" }],
    });
  });

  test("tells what is wrong with the construct's path", () => {
    const stack = new Stack();
    const state = new Pass(stack, "Pay");
    expect(() => state.next(new Pass(stack, "A")) && state.next(new Pass(stack, "B"))).toThrow(
      "[Default/Pay] State 'Pay'",
    );
    const broken = defineStateMachine<Input>()("SM", (flow) => flow.pass("Pay", () => expr("(")));
    expect(broken.diagnostics()).toMatchObject([
      { severity: "ERROR", path: "Default/SM/Pay", location: "/States/Pay/Output" },
    ]);
    expect(() => broken.definition).toThrow(Misuse);
    expect(() => defineStateMachine<Input>()("C", (flow) => flow.choice("Which?", (ways) => ways))).toThrow(
      "[Default/C/Which?]",
    );
  });
});

test("functions run as they are called", async () => {
  expect(await functions.reserve({ id: "1", skus: [] })).toEqual({ reservation: "R-1", left: 3 });
  expect(functions.pay.functionName).toBe("pay");
});

test("paths as text are checked", () => {
  const $ = paths<Input>();
  const state = new LambdaInvoke(new Stack(), "T", {
    lambdaFunction: functions.reserve,
    payload: TaskInput.fromObject({
      id: $.stringAt("$.order.id"),
      price: $.numberAt("$.order.items[0].price"),
      skus: $.listAt("$.order.items[*].sku"),
    }),
  });
  expect(state.toStateJson()).toMatchObject({
    Parameters: {
      Payload: { "id.$": "$.order.id", "price.$": "$.order.items[0].price", "skus.$": "$.order.items[*].sku" },
    },
  });
});

test("mistakes do not compile", () => {
  // Never run: only compiled.
  expect(mistakes).toBeTypeOf("function");
});

function mistakes(): void {
  const $ = paths<Input>();
  // @ts-expect-error: there is no ordr
  $.stringAt("$.ordr.id");
  // @ts-expect-error: there is no $.order.items[0].weight
  $.numberAt("$.order.items[0].weight");
  // @ts-expect-error: an id is text
  $.numberAt("$.order.id");

  defineStateMachine<Input>()("M", (flow) => {
    // @ts-expect-error: there is no order.idd
    flow.pass("A", ({ input }) => ({ id: input.order.idd }));
    // @ts-expect-error: nothing stands at $states.input.order.idd
    flow.pass("B", ({ at }) => at("$states.input.order.idd"));
    // @ts-expect-error: the payload wants an amount, not text
    flow.task("C", functions.pay, { payload: ({ input }) => ({ amount: input.order.id }) });
    // @ts-expect-error: the payload has no amount
    flow.task("D", functions.pay, { payload: () => ({}) });
    // @ts-expect-error: the whole input is no bill
    flow.task("E", functions.pay);
    // @ts-expect-error: pay gives paid, not payed
    flow.task("F", functions.pay, { payload: () => ({ amount: 1 }) }).pass("G", ({ input }) => input.payed);
    // @ts-expect-error: nobody has assigned total
    flow.pass("H", ({ vars }) => vars.total);
    // @ts-expect-error: a number is not compared with text
    flow.pass("I", ({ input }) => gt(input.order.items[0].price, "1"));
    flow.choice("J", (ways) =>
      ways.when(
        // @ts-expect-error: a condition is a truth
        ({ input }) => input.order.id,
        (way) => way.pass("K"),
      ),
    );
    flow
      .choice("L", (ways) =>
        ways
          .when(
            ({ input }) => exists(input.order.note),
            (way) => way.pass("M1", () => ({ a: 1, both: "x" })),
          )
          .otherwise((way) => way.pass("N", () => ({ b: 1, both: "y" }))),
      )
      .pass("O", ({ input }) => input.both)
      // @ts-expect-error: it was text, and text has no fields
      .pass("P", ({ input }) => input.a);
    flow.map(
      "Q",
      ({ input }) => input.order.items,
      // @ts-expect-error: an element is an item, with a price but no cost
      (item) => item.pass("R", ({ input }) => input.cost),
    );
    flow.map(
      "S",
      // @ts-expect-error: only a list has elements
      ({ input }) => input.order.id,
      (item) => item.pass("T"),
    );
    const rich = where(expr<Item[]>("x"), (item) => gt(item.price, 1));
    // @ts-expect-error: a list of items is no list of text
    eq(rich[0].price, "1");
    return flow.pass("End");
  });

  // A function elsewhere: its owner's word for its types.
  const far = typedFunction<{ readonly a: number }, { readonly b: string }>(
    "arn:aws:lambda:us-east-1:123456789012:function:far",
  );
  defineStateMachine<{ readonly a: number }>()("Far", (flow) =>
    flow.task("Far", far).pass("B", ({ input }) => input.b),
  );
  // @ts-expect-error: text where a number is asked for
  defineStateMachine<{ readonly a: string }>()("Far2", (flow) => flow.task("Far", far));

  const stack = new Stack();
  // @ts-expect-error: a JSONata state has no paths
  LambdaInvoke.jsonata(stack, "U", { lambdaFunction: functions.pay, resultPath: "$.x" });
  // @ts-expect-error: a JSONPath state has no outputs
  Pass.jsonPath(stack, "V", { outputs: {} });
  // @ts-expect-error: nothing comes after a Fail
  new Fail(stack, "W").next(new Pass(stack, "X"));
  // @ts-expect-error: a table is no queue
  new SqsSendMessage(stack, "Y", { queue: { tableName: "t" }, messageBody: TaskInput.fromText("m") });
  new CallAwsService(stack, "Z", {
    service: "s3",
    action: "getObject",
    iamResources: ["*"],
    // @ts-expect-error: there is no such pattern
    integrationPattern: "SYNC",
  });
  asString(expr<string>("x"));
}
