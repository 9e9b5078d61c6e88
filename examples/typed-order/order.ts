// A machine whose data have types: rename a field in a function, and what refers to it no longer compiles.
import { defineStateMachine, each, gt, sum, text } from "@stepwell/authoring";
import { apologize, type Item, pay, price, ship } from "./stepwell.functions.ts";

export interface Order {
  readonly order: { readonly id: string; readonly items: readonly Item[] };
  readonly customer: { readonly email: string };
}

export const order = defineStateMachine<Order>()(
  "TypedOrder",
  (flow) =>
    flow
      .assign("Remember", ({ input }) => ({ id: input.order.id, email: input.customer.email }))
      .map(
        "Price each item",
        ({ input }) => input.order.items,
        (item) => item.task("Price", price),
        { maxConcurrency: 5 },
      )
      .pass("Add up", ({ input }) => ({
        total: sum(input, (line) => line.amount),
        skus: each(input, (line) => line.sku),
      }))
      .choice("Anything to pay?", (ways) =>
        ways
          .when(
            ({ input }) => gt(input.total, 0),
            (way) =>
              way
                .task("Pay", pay, {
                  payload: ({ input, vars }) => ({ orderId: vars.id, amount: input.total }),
                  output: ({ input, result }) => ({ skus: input.skus, receipt: result.receipt }),
                  retry: [{ errors: ["Lambda.TooManyRequestsException"], maxAttempts: 3 }],
                })
                .catch(
                  (handler) =>
                    handler
                      .task("Apologize", apologize, {
                        payload: ({ input, vars }) => ({ to: vars.email, reason: text`${input.Error}` }),
                      })
                      .fail("Declined", ({ input }) => ({ error: "OrderDeclined", cause: input.text })),
                  ["CardDeclined"],
                ),
          )
          .otherwise((way) => way.pass("Free", ({ input }) => ({ skus: input.skus, receipt: "none" }))),
      )
      .task("Ship", ship, {
        payload: ({ input, vars }) => ({ orderId: vars.id, skus: input.skus }),
        output: ({ input, result, vars }) => ({ order: vars.id, receipt: input.receipt, tracking: result.tracking }),
      }),
  { comment: "Prices, charges and ships an order" },
);
