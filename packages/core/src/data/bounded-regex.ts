/**
 * Regular expressions that cannot run away: ECMAScript's own engine where the worst case is small, and for everything
 * else a matcher with the same meaning that counts its steps. Both are needed: the engine is fast but cannot be stopped.
 */
import { type AST, RegExpParser, RegExpSyntaxError } from "@eslint-community/regexpp";
import { layOut, spend } from "./jsonata-meter.ts";
import { type RegexCost, regexCost } from "./regex-cost.ts";
import { matchFrom } from "./regex-matcher.ts";
import { compileRegexProgram, type RegexProgram } from "./regex-program.ts";

/** Steps the engine may take at the very worst before the counting matcher takes over: a few milliseconds. */
const ENGINE_STEPS_MAX = 1_000_000;
/** Steps of the engine for one operation of the meter. */
const ENGINE_STEPS_PER_OPERATION = 4;
/** Named groups and lookbehind, no later syntax: what is accepted must not depend on the host. */
const ECMA_VERSION = 2018;

export interface RegexMatch extends ReadonlyArray<string | undefined> {
  readonly 0: string;
  readonly index: number;
}

/** `i` and `m` are heeded; `g` is always on, as everywhere in JSONata. Throws SyntaxError with the host's usual words. */
export class BoundedRegex {
  readonly source: string;
  readonly #flags: string;
  readonly #pattern: AST.Pattern;
  #engine: RegExp | undefined;
  #program: RegexProgram | undefined;

  constructor(source: string, flags: string) {
    this.source = source;
    this.#flags = flags;
    this.#pattern = parsePattern(source);
  }

  /** A matcher of its own, starting at the beginning of whatever it is given. */
  matcher(): RegexMatcher {
    return new RegexMatcher(this);
  }

  /** The first match from `start` on. */
  match(text: string, start: number): RegexMatch | null {
    layOut(text);
    const length = text.length - start;
    const cost = regexCost(this.#pattern, this.#flags.includes("m"), length);
    const worst = cost.perStart * (cost.anchored ? 1 : length + 1);
    return worst <= ENGINE_STEPS_MAX ? this.#engineMatch(text, start, cost) : this.#countedMatch(text, start);
  }

  #engineMatch(text: string, start: number, cost: RegexCost): RegexMatch | null {
    this.#engine ??= new RegExp(this.source, `${this.#flags.replace("g", "")}g`);
    this.#engine.lastIndex = start;
    const match = this.#engine.exec(text);
    const starts = cost.anchored ? 1 : (match === null ? text.length : match.index + match[0].length) - start + 1;
    spend((cost.perStart * starts) / ENGINE_STEPS_PER_OPERATION);
    return match;
  }

  #countedMatch(text: string, start: number): RegexMatch | null {
    this.#program ??= compileRegexProgram(this.#pattern, this.#flags);
    const ends = matchFrom(this.#program, text, start);
    if (ends === undefined) return null;
    const groups: (string | undefined)[] = [];
    for (let group = 0; group <= this.#program.groups; group++) {
      const [from, to] = [ends[2 * group]!, ends[2 * group + 1]!];
      groups.push(from === -1 || to === -1 ? undefined : text.slice(from, to));
    }
    return Object.assign(groups, { index: ends[0]! }) as unknown as RegexMatch;
  }
}

/** The part of a global RegExp that the evaluator uses. */
export class RegexMatcher {
  lastIndex = 0;
  readonly #regex: BoundedRegex;

  constructor(regex: BoundedRegex) {
    this.#regex = regex;
  }

  exec(value: unknown): RegexMatch | null {
    const text = String(value);
    const match = this.lastIndex > text.length ? null : this.#regex.match(text, this.lastIndex);
    this.lastIndex = match === null ? 0 : match.index + match[0].length;
    return match;
  }

  test(value: unknown): boolean {
    return this.#regex.match(String(value), 0) !== null;
  }
}

function parsePattern(source: string): AST.Pattern {
  try {
    return new RegExpParser({ ecmaVersion: ECMA_VERSION }).parsePattern(source);
  } catch (error) {
    if (error instanceof RegExpSyntaxError) throw new SyntaxError(error.message);
    throw error;
  }
}
