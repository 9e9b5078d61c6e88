/**
 * Definitions in which data have types: each step's output is the next one's input, a variable exists after the step that
 * assigned it, branches join in the union of their outputs. What comes out is a JSONata machine made of the same states
 * as any other.
 */
import { Construct, type Environment, Stack } from "../construct.ts";
import type { Duration } from "../duration.ts";
import { expressionText } from "../fields/expression-code.ts";
import type { Fields } from "../fields/field-utils.ts";
import { TaskInput } from "../fields/task-input.ts";
import { DefinitionBody } from "../machine/definition-body.ts";
import { StateMachine, type StateMachineProps } from "../machine/state-machine.ts";
import { Misuse } from "../misuse.ts";
import type { IFunction } from "../resources/lambda.ts";
import { Chain, Parallel } from "../states/chain.ts";
import type { IChainable, INextable } from "../states/chainable.ts";
import { Choice } from "../states/choice.ts";
import { Condition } from "../states/condition.ts";
import type { RetryProps } from "../states/errors.ts";
import { Fail } from "../states/fail.ts";
import { Map as MapState } from "../states/map.ts";
import { ProvideItems } from "../states/map-base.ts";
import { Pass } from "../states/pass.ts";
import { QueryLanguage } from "../states/query-language.ts";
import type { State } from "../states/state.ts";
import { Succeed } from "../states/succeed.ts";
import type { TaskStateBase } from "../states/task-state-base.ts";
import { Timeout } from "../states/timeout.ts";
import { Wait, WaitTime } from "../states/wait.ts";
import { LambdaInvoke } from "../tasks/lambda.ts";
import { type Evaluated, type Expr, type Ref, refTo, type Template, type Type } from "./expression.ts";
import type { TypedFunction, TypedReference } from "./functions.ts";
import type { AtPath, PathTo } from "./paths.ts";

/** The context object. AWS, "Accessing execution data from the Context object". */
export interface ContextData {
  readonly Execution: {
    readonly Id: string;
    readonly Input: unknown;
    readonly Name: string;
    readonly RoleArn: string;
    readonly StartTime: string;
  };
  readonly State: { readonly EnteredTime: string; readonly Name: string; readonly RetryCount: number };
  readonly StateMachine: { readonly Id: string; readonly Name: string };
  readonly Task: { readonly Token: string };
}

/** What a step can refer to. */
export interface StepData<I, V> {
  readonly input: Ref<I>;
  readonly vars: { readonly [K in keyof V]: Ref<V[K]> };
  readonly context: Ref<ContextData>;
  /** What stands at a path given as text: `$.order.id` or `$states.input.order.id`. */
  at<const P extends string>(path: P & PathTo<I, P, unknown>): Ref<AtPath<I, P>>;
}
export interface ResultData<I, V, R> extends StepData<I, V> {
  readonly result: Ref<R>;
}
/** What a handler of errors gets as its input. */
export interface CaughtError {
  readonly Error: string;
  readonly Cause: string;
}

// Only what a piece gives is asked for: its input and variables differ from piece to piece.
export interface Giving<out O> {
  /** Only a type: nothing is ever there. */
  readonly gives?: O;
  readonly piece: Piece;
}
type OutOf<F> = F extends Giving<infer O> ? O : never;

interface TaskOptions<I, V, R, O, A> {
  readonly comment?: string;
  readonly retry?: readonly RetryProps[];
  /** What goes on; the result unless given. */
  readonly output?: (data: ResultData<I, V, R>) => O;
  /** Variables that exist from here on. */
  readonly assign?: (data: ResultData<I, V, R>) => A;
  readonly timeout?: Duration;
}
type Payload<I, V, P> = [I] extends [P]
  ? { readonly payload?: (data: StepData<I, V>) => Template<P> }
  : { readonly payload: (data: StepData<I, V>) => Template<P> };
type Given<T> = object extends T ? [options?: T] : [options: T];

type Callable<P, R> = TypedFunction<P, R> | (IFunction & TypedReference<P, R>);

/** What is there so far: where it begins, and what the next state comes after. */
interface Piece {
  readonly scope: Construct;
  readonly start: State | undefined;
  readonly ends: readonly INextable[];
}

/** A definition up to some point. `I` is what comes out here and goes into the next step; `V` are the variables. */
export class Flow<out I, out V> implements Giving<I> {
  declare readonly gives?: I;
  readonly piece: Piece;

  constructor(piece: Piece) {
    this.piece = piece;
  }

  /** Calls a function; without `payload` it gets the whole input, which must then be of its type. */
  task<P, R, const O = Expr<R>, const A = unknown>(
    name: string,
    target: Callable<P, R>,
    ...[given]: Given<TaskOptions<I, V, R, O, A> & Payload<I, V, P>>
  ): Step<Evaluated<NoInfer<O>>, V & VariablesOf<NoInfer<A>>, V> {
    const options = (given ?? {}) as TaskOptions<I, V, R, O, A> & { payload?: (data: StepData<I, V>) => unknown };
    const result = "$states.result.Payload";
    const data = resultData<I, V, R>(result);
    const payload = options.payload?.(data) ?? refTo("$states.input");
    const state = new LambdaInvoke(this.piece.scope, name, {
      // The bare name is the function's in every account and region.
      lambdaFunction: { functionArn: target.functionName, functionName: target.functionName },
      payload: TaskInput.fromObject(payload as Fields),
      outputs: options.output?.(data) ?? refTo(result),
      ...commonProps(options, data),
    });
    return this.#then(state, options.retry) as never;
  }

  /**
   * Any task of any service. props: the task's; `taskInput`, `asString` and `asNumber` put expressions into them.
   * `options.result` tells the type of its result, which only the service's documentation knows.
   */
  call<P, R = unknown, const O = Expr<R>, const A = unknown>(
    name: string,
    Task: new (scope: Construct, id: string, props: P) => TaskStateBase,
    props: (data: StepData<I, V>) => Omit<NoInfer<P>, "queryLanguage" | "outputs" | "assign" | "taskTimeout">,
    options: TaskOptions<I, V, R, O, A> & { readonly result?: Type<R> } = {},
  ): Step<Evaluated<NoInfer<O>>, V & VariablesOf<NoInfer<A>>, V> {
    const data = resultData<I, V, R>("$states.result");
    const outputs = options.output?.(data);
    const given = { ...props(data), ...optional("outputs", outputs), ...commonProps(options, data) };
    return this.#then(new Task(this.piece.scope, name, given as P), options.retry) as never;
  }

  /** Shapes the data. */
  pass<const O = Expr<I>, const A = unknown>(
    name: string,
    output?: (data: StepData<I, V>) => O,
    assign?: (data: StepData<I, V>) => A,
  ): Flow<Evaluated<NoInfer<O>>, V & VariablesOf<NoInfer<A>>> {
    const data = stepData<I, V>();
    const state = new Pass(this.piece.scope, name, {
      ...optional("outputs", output?.(data)),
      ...optional("assign", assign?.(data)),
    } as never);
    return this.#then(state) as never;
  }

  /** Sets variables and passes the input on. */
  assign<const A>(name: string, assign: (data: StepData<I, V>) => A): Flow<I, V & VariablesOf<NoInfer<A>>> {
    return this.pass(name, undefined, assign) as never;
  }

  /** Waits for a time, a number of seconds or a point in time (RFC 3339). */
  wait(
    name: string,
    time: Duration | ((data: StepData<I, V>) => { readonly seconds: Expr<number> } | { readonly until: Expr<string> }),
  ): Flow<I, V> {
    return this.#then(new Wait(this.piece.scope, name, { time: waitTime(time, stepData<I, V>()) })) as never;
  }

  /** Goes one way or the other; the ways join, and what they give becomes one of several. */
  choice<O>(name: string, ways: (choose: Ways<I, V, never>) => Ways<I, V, O>): Flow<O, V> {
    const state = new Choice(this.piece.scope, name);
    this.#join(state);
    const { ends, otherwise } = ways(new Ways<I, V, never>(state, this.piece.scope, [], false)).result;
    const start = this.piece.start ?? state;
    if (!otherwise) {
      throw new Misuse(
        state.node.path,
        "a choice needs an otherwise: with no rule that holds, the execution would fail",
      );
    }
    return new Flow({ scope: this.piece.scope, start, ends });
  }

  /** Runs branches side by side; gives the list of what they give. */
  parallel<const B extends readonly ((flow: Flow<I, V>) => Giving<unknown>)[]>(
    name: string,
    ...branches: B
  ): Step<{ -readonly [K in keyof B]: OutOf<ReturnType<B[K]>> }, V, V> {
    const state = new Parallel(this.piece.scope, name);
    for (const branch of branches)
      state.branch(chainOf(branch(new Flow({ ...this.piece, start: undefined, ends: [] })), state));
    return this.#then(state) as never;
  }

  /** Does the same with each element of a list; gives the list of what came out. */
  map<E, F extends Giving<unknown>>(
    name: string,
    items: (data: StepData<I, V>) => Expr<readonly E[]>,
    body: (flow: Flow<E, V>) => F,
    options: { readonly maxConcurrency?: number } = {},
  ): Step<OutOf<F>[], V, V> {
    const state = new MapState(this.piece.scope, name, {
      items: ProvideItems.jsonata(expressionText(items(stepData<I, V>()))),
      ...options,
    });
    state.itemProcessor(chainOf(body(new Flow<E, V>({ ...this.piece, start: undefined, ends: [] })), state));
    return this.#then(state) as never;
  }

  /** A piece written elsewhere, as a function from flow to flow. */
  pipe<F extends Giving<unknown>>(piece: (flow: this) => F): F {
    return piece(this);
  }

  /** Ends here, with success. */
  succeed<const O = Expr<I>>(name: string, output?: (data: StepData<I, V>) => O): Giving<Evaluated<NoInfer<O>>> {
    const state = new Succeed(this.piece.scope, name, optional("outputs", output?.(stepData<I, V>())) as never);
    return this.#then(state) as never;
  }

  /** Ends here, with an error: nothing comes out, so nothing joins. */
  fail(
    name: string,
    error: (data: StepData<I, V>) => { readonly error: Template<string>; readonly cause?: Template<string> },
  ): Giving<never> {
    const { error: code, cause } = error(stepData<I, V>());
    const state = new Fail(this.piece.scope, name, { error: code, ...optional("cause", cause) } as never);
    return this.#then(state) as never;
  }

  #then(state: State & Partial<INextable>, retry: readonly RetryProps[] = []): Step<unknown, V, V> {
    this.#join(state);
    for (const props of retry) (state as unknown as TaskStateBase).addRetry(props);
    const ends = "next" in state ? [state as INextable] : [];
    return new Step({ scope: this.piece.scope, start: this.piece.start ?? state, ends }, state);
  }

  #join(state: State): void {
    for (const end of this.piece.ends) end.next(state);
  }
}

/** A flow whose last state may fail. `B` are the variables that were there before it. */
export class Step<out I, out V, out B> extends Flow<I, V> {
  readonly #state: State;

  constructor(piece: Piece, state: State) {
    super(piece);
    this.#state = state;
  }

  /**
   * What to do when the last state fails for one of `errors` (all unless given). What the handler gives joins what the
   * state gives; variables that only the state assigned are gone.
   */
  catch<F extends Giving<unknown>>(
    handle: (flow: Flow<CaughtError, B>) => F,
    errors?: readonly string[],
  ): Step<I | OutOf<F>, B, B> {
    const { scope, start, ends } = this.piece;
    const handler = handle(new Flow<CaughtError, B>({ scope, start: undefined, ends: [] })).piece;
    if (handler.start === undefined) {
      throw new Misuse(this.#state.node.path, "a handler of errors needs at least one state");
    }
    const outputs = refTo("$states.errorOutput");
    const state = this.#state as State & Pick<TaskStateBase, "addCatch">;
    state.addCatch(Chain.start(handler.start), { ...optional("errors", errors), outputs });
    return new Step({ scope, start, ends: [...ends, ...handler.ends] }, state);
  }
}

/** The ways out of a choice. */
export class Ways<I, V, O> {
  readonly result: { readonly ends: readonly INextable[]; readonly otherwise: boolean };
  readonly #choice: Choice;
  readonly #scope: Construct;

  constructor(choice: Choice, scope: Construct, ends: readonly INextable[], otherwise: boolean) {
    this.#choice = choice;
    this.#scope = scope;
    this.result = { ends, otherwise };
  }

  /** The first rule that holds decides. */
  when<F extends Giving<unknown>>(
    condition: (data: StepData<I, V>) => Expr<boolean>,
    way: (flow: Flow<I, V>) => F,
  ): Ways<I, V, O | OutOf<F>> {
    const rule = Condition.jsonata(expressionText(condition(stepData<I, V>())));
    return this.#take(way, (next) => this.#choice.when(rule, next), this.result.otherwise);
  }

  otherwise<F extends Giving<unknown>>(way: (flow: Flow<I, V>) => F): Ways<I, V, O | OutOf<F>> {
    return this.#take(way, (next) => this.#choice.otherwise(next), true);
  }

  #take<F extends Giving<unknown>>(
    way: (flow: Flow<I, V>) => F,
    connect: (next: IChainable) => void,
    otherwise: boolean,
  ): Ways<I, V, O | OutOf<F>> {
    const { piece } = way(new Flow<I, V>({ scope: this.#scope, start: undefined, ends: [] }));
    if (piece.start === undefined)
      throw new Misuse(this.#choice.node.path, "a way of a choice needs at least one state");
    connect(Chain.start(piece.start));
    return new Ways(this.#choice, this.#scope, [...this.result.ends, ...piece.ends], otherwise);
  }
}

type VariablesOf<A> = unknown extends A ? unknown : Evaluated<A>;

export interface FlowOptions
  extends Omit<StateMachineProps, "definition" | "definitionBody" | "queryLanguage" | "stateMachineName"> {
  readonly environment?: Environment;
}

/**
 * A state machine whose input is an `I`. name: the machine's. build: from the empty flow to the whole one.
 * @example defineStateMachine<Order>()("Orders", (flow) => flow.task("Reserve", reserve))
 */
export function defineStateMachine<I>(): (
  name: string,
  build: (flow: Flow<I, unknown>) => Giving<unknown>,
  options?: FlowOptions,
) => StateMachine {
  return (name, build, { environment = {}, ...options } = {}) => {
    // The states' scope has the machine's path, which can only be made when its states are.
    const scope = new Construct(new Stack("Default", environment), name);
    const { start } = build(new Flow<I, unknown>({ scope, start: undefined, ends: [] })).piece;
    if (start === undefined) throw new Misuse(scope.node.path, "a state machine needs at least one state");
    return new StateMachine(new Stack("Default", environment), name, {
      ...options,
      stateMachineName: name,
      queryLanguage: QueryLanguage.JSONATA,
      definitionBody: DefinitionBody.fromChainable(start),
    });
  };
}

function commonProps<I, V, R, A>(
  options: {
    readonly assign?: (data: ResultData<I, V, R>) => A;
    readonly comment?: string;
    readonly timeout?: Duration;
  },
  data: ResultData<I, V, R>,
): { readonly assign?: Fields; readonly comment?: string; readonly taskTimeout?: Timeout } {
  const { assign, comment, timeout } = options;
  return {
    ...optional("assign", assign?.(data) as Fields | undefined),
    ...optional("comment", comment),
    ...optional("taskTimeout", timeout === undefined ? undefined : Timeout.duration(timeout)),
  };
}

function chainOf({ piece }: Giving<unknown>, owner: State): IChainable {
  if (piece.start === undefined) throw new Misuse(owner.node.path, "a branch needs at least one state");
  return Chain.start(piece.start);
}

function stepData<I, V>(): StepData<I, V> {
  return {
    input: refTo("$states.input"),
    context: refTo("$states.context"),
    vars: new Proxy({}, { get: (_, name) => refTo(`$${String(name)}`) }) as StepData<I, V>["vars"],
    at: (path: string) => refTo(path.startsWith("$states.") ? path : `$states.input${path.slice(1)}`) as never,
  };
}

function resultData<I, V, R>(result: string): ResultData<I, V, R> {
  return { ...stepData<I, V>(), result: refTo(result) };
}

function waitTime<I, V>(
  time: Duration | ((data: StepData<I, V>) => { readonly seconds: Expr<number> } | { readonly until: Expr<string> }),
  data: StepData<I, V>,
): WaitTime {
  if (typeof time !== "function") return WaitTime.duration(time);
  const given = time(data);
  if ("seconds" in given) return WaitTime.seconds(expressionText(given.seconds));
  return WaitTime.timestamp(expressionText(given.until));
}

function optional<K extends string, T>(name: K, value: T | undefined): { [N in K]?: T } {
  return (value === undefined ? {} : { [name]: value }) as { [N in K]?: T };
}
