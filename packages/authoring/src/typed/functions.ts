import { fn, type IFunction } from "../resources/lambda.ts";

/** A function that a task can call and a runtime can run: the same types at both ends. */
export interface TypedFunction<in P, out R> extends IFunction {
  (payload: P, context?: unknown): Promise<R>;
}

// biome-ignore lint/suspicious/noExplicitAny: the one place where a handler's parameter may be anything.
type Handlers = { readonly [name: string]: (payload: any, context?: any) => unknown };

type TypedFunctions<H extends Handlers> = {
  readonly [N in keyof H]: TypedFunction<PayloadOf<H[N]>, Awaited<ReturnType<H[N]>>>;
};

type PayloadOf<F extends (...args: never[]) => unknown> = Parameters<F> extends [] ? unknown : Parameters<F>[0];

/**
 * Names functions once, for the definition that calls them and the runner that runs them. Each is exported from
 * `stepwell.functions.ts` under its own name, so that `stepwell.yaml` finds it as `./stepwell.functions.ts#name`.
 * @example export const { reserve, pay } = defineFunctions({ reserve: (order: Order) => …, pay: async (bill: Bill) => … });
 */
export function defineFunctions<const H extends Handlers>(handlers: H): TypedFunctions<H> {
  const named = Object.entries(handlers).map(([name, handler]) => {
    const call = async (payload: unknown, context?: unknown): Promise<unknown> => handler(payload, context);
    return [name, Object.assign(call, fn(name))] as const;
  });
  return Object.fromEntries(named) as unknown as TypedFunctions<H>;
}

/** A function that lives elsewhere, with the types its owner promises. nameOrArn: as AWS takes it. */
export function typedFunction<P, R>(nameOrArn: string): IFunction & TypedReference<P, R> {
  return fn(nameOrArn) as IFunction & TypedReference<P, R>;
}

declare const CALL: unique symbol;
/** The types of a function that cannot be called from here. */
export interface TypedReference<in P, out R> {
  readonly [CALL]?: (payload: P) => R;
}
