/** Paths as text, checked against a type by the compiler: `$.order.id`, `$.items[0].sku`, `$states.input.order.id`. */
import { JsonPath } from "../fields/json-path.ts";
import type { Reference } from "../fields/reference.ts";

declare const NO_SUCH_PATH: unique symbol;
/** No data stands at this path. */
export interface NoSuchPath<P extends string> {
  readonly [NO_SUCH_PATH]: P;
}

/** What stands at a path in a `T`; `NoSuchPath` where nothing does. Each step is one instantiation: depth is the path's. */
export type AtPath<T, P extends string> = P extends "$" | "$states.input"
  ? T
  : P extends `$states.input${infer Rest}`
    ? Walk<T, Rest, P>
    : P extends `$${infer Rest}`
      ? Walk<T, Rest, P>
      : NoSuchPath<P>;

type Walk<T, Rest extends string, P extends string> = Rest extends ""
  ? T
  : Rest extends `[${infer Index}]${infer More}`
    ? Index extends "*"
      ? Listed<Walk<ElementOf<T, P>, More, P>>
      : Walk<ElementOf<T, P>, More, P>
    : Rest extends `.${infer Step}`
      ? Step extends `${infer Name}.${infer More}`
        ? Name extends `${infer Field}[${infer Tail}`
          ? Walk<Member<T, Field, P>, `[${Tail}.${More}`, P>
          : Walk<Member<T, Name, P>, `.${More}`, P>
        : Step extends `${infer Field}[${infer Tail}`
          ? Walk<Member<T, Field, P>, `[${Tail}`, P>
          : Member<T, Step, P>
      : NoSuchPath<P>;

type Listed<T> = T extends NoSuchPath<string> ? T : T[];

type Member<T, Name extends string, P extends string> =
  NonNullable<T> extends infer D ? (Name extends keyof D ? D[Name] : NoSuchPath<P>) : never;

type ElementOf<T, P extends string> = NonNullable<T> extends readonly (infer E)[] ? E : NoSuchPath<P>;

/** The path itself where it leads to a `Want`; otherwise a text that says so, which no argument is. */
export type PathTo<T, P extends string, Want> =
  AtPath<T, P> extends NoSuchPath<string>
    ? `there is no ${P}`
    : AtPath<T, P> extends Want
      ? P
      : `${P} is of another type`;

/** JsonPath with paths checked against the type of the state's input. */
export interface Paths<T> {
  stringAt<const P extends string>(path: P & PathTo<T, P, string | null | undefined>): string;
  numberAt<const P extends string>(path: P & PathTo<T, P, number | null | undefined>): number;
  listAt<const P extends string>(path: P & PathTo<T, P, readonly unknown[] | null | undefined>): string[];
  objectAt<const P extends string>(path: P & PathTo<T, P, unknown>): Reference;
}

/**
 * The paths of a state's input of type `T`, for the CDK's classes.
 * @example const $ = paths<Order>(); TaskInput.fromObject({ id: $.stringAt("$.order.id") });
 */
export function paths<T>(): Paths<T> {
  return {
    stringAt: (path) => JsonPath.stringAt(path),
    numberAt: (path) => JsonPath.numberAt(path),
    listAt: (path) => JsonPath.listAt(path),
    objectAt: (path) => JsonPath.objectAt(path),
  };
}
