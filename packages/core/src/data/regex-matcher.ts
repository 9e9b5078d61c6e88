/**
 * Runs a regex program with backtracking on a stack of its own, and counts its steps.
 *
 * I1. Whatever is stored in a register is noted on the trail first, so going back to a choice restores every register.
 * I2. Each step is charged to the running evaluation: a pattern that backtracks without end runs into its time bound.
 */
import { LimitReached, MEMORY_EXCEEDED, spend } from "./jsonata-meter.ts";
import { caseFolding } from "./regex-char-set.ts";
import { OP, type RegexProgram } from "./regex-program.ts";

/** Choices and trail entries kept at once, four and two numbers each. */
const STACK_NUMBERS_MAX = 4_000_000;
/** A step of the matcher takes about this many operations of the meter. */
const OPERATIONS_PER_STEP = 3;
const CHARGED_STEPS = 1_024;
/** No position: what a step answers when it does not match. */
const FAILED = -1;

/** Where the match and its groups start and end, -1 for a group that took no part; undefined: no match from `start` on. */
export function matchFrom(program: RegexProgram, text: string, start: number): Int32Array | undefined {
  const matcher = new Matcher(program, text);
  for (let at = start; at <= text.length; at++) if (matcher.run(0, at)) return matcher.registers;
  return undefined;
}

class Matcher {
  readonly registers: Int32Array;
  readonly #program: RegexProgram;
  readonly #code: Int32Array;
  readonly #text: string;
  readonly #fold: Uint16Array | undefined;
  /** Choices: pc, position, height of the trail, last position of a run (-1: a plain choice). */
  readonly #choices: number[] = [];
  readonly #trail: number[] = [];
  #steps = 0;

  constructor(program: RegexProgram, text: string) {
    this.#program = program;
    this.#code = program.code;
    this.#text = text;
    this.#fold = program.ignoreCase ? caseFolding() : undefined;
    this.registers = new Int32Array(program.registers).fill(-1);
  }

  /** True when the code at `pc` matches from `position`; then the registers hold the match, otherwise they are as before. */
  run(pc: number, position: number): boolean {
    const code = this.#code;
    const choices = this.#choices;
    const floor = choices.length;
    const trailFloor = this.#trail.length;
    let at = pc;
    let next = position;
    for (;;) {
      if (++this.#steps === CHARGED_STEPS) this.#charge();
      let here = next;
      switch (code[at]) {
        case OP.MATCH:
          // A lookaround is not gone back into; its trail stays, for whatever lies before it.
          choices.length = floor;
          return true;
        case OP.CHAR:
          next = this.#unit(here - code[at + 2]!) === code[at + 1] ? here + 1 - 2 * code[at + 2]! : FAILED;
          at += 3;
          break;
        case OP.SET:
          next = this.#isMember(code[at + 1]!, code[at + 2]!, here - code[at + 3]!)
            ? here + 1 - 2 * code[at + 3]!
            : FAILED;
          at += 4;
          break;
        case OP.SPLIT:
          choices.push(code[at + 2]!, here, this.#trail.length, -1);
          at = code[at + 1]!;
          break;
        case OP.JUMP:
          at = code[at + 1]!;
          break;
        case OP.SAVE:
          this.#store(code[at + 1]!, here);
          at += 2;
          break;
        case OP.CLEAR:
          for (let register = code[at + 1]!; register < code[at + 2]!; register++) this.#store(register, -1);
          at += 3;
          break;
        case OP.SET_REGISTER:
          this.#store(code[at + 1]!, code[at + 2]!);
          at += 3;
          break;
        case OP.LOOP:
          at = this.#loop(at, here);
          break;
        case OP.NEXT:
          next = this.#nextIteration(at, here);
          at = code[at + 4]!;
          break;
        case OP.RUN:
          next = this.#readRun(at, here);
          at += 7;
          break;
        case OP.ASSERT_START:
          next = here === 0 || (this.#program.multiline && this.#isLineTerminator(here - 1)) ? here : FAILED;
          at += 1;
          break;
        case OP.ASSERT_END:
          next =
            here === this.#text.length || (this.#program.multiline && this.#isLineTerminator(here)) ? here : FAILED;
          at += 1;
          break;
        case OP.ASSERT_WORD:
          next = (this.#isWord(here - 1) !== this.#isWord(here)) !== (code[at + 1] === 1) ? here : FAILED;
          at += 2;
          break;
        case OP.LOOK:
          next = this.#look(at, here);
          at = code[at + 2]!;
          break;
        default:
          next = this.#readBackreference(at, here);
          at += 3;
      }
      if (next !== FAILED) continue;
      const top = choices.length - 4;
      if (top < floor) {
        this.#restore(trailFloor);
        return false;
      }
      this.#restore(choices[top + 2]!);
      at = choices[top]!;
      here = choices[top + 1]!;
      next = here;
      const last = choices[top + 3]!;
      if (last === -1 || here === last) choices.length = top;
      else choices[top + 1] = here < last ? here + 1 : here - 1;
    }
  }

  #charge(): void {
    this.#steps = 0;
    spend(CHARGED_STEPS * OPERATIONS_PER_STEP);
    if (this.#choices.length + this.#trail.length > STACK_NUMBERS_MAX) throw new LimitReached(MEMORY_EXCEEDED);
  }

  /** The code unit at a position, in its canonical form where case does not matter; -1 outside the text. */
  #unit(at: number): number {
    if (at < 0 || at >= this.#text.length) return -1;
    const unit = this.#text.charCodeAt(at);
    return this.#fold === undefined ? unit : this.#fold[unit]!;
  }

  #isMember(set: number, negate: number, at: number): boolean {
    const unit = this.#unit(at);
    if (unit === -1) return false;
    return ((this.#program.sets[set]!.bits[unit >>> 5]! >>> (unit & 31)) & 1) !== negate;
  }

  #isWord(at: number): boolean {
    return at >= 0 && at < this.#text.length && this.#program.wordSet.has(this.#text.charCodeAt(at));
  }

  #isLineTerminator(at: number): boolean {
    const unit = this.#text.charCodeAt(at);
    return unit === 0x0a || unit === 0x0d || unit === 0x2028 || unit === 0x2029;
  }

  #store(register: number, value: number): void {
    this.#trail.push(register, this.registers[register]!);
    this.registers[register] = value;
  }

  #restore(height: number): void {
    const trail = this.#trail;
    while (trail.length > height) {
      const value = trail.pop()!;
      this.registers[trail.pop()!] = value;
    }
  }

  #loop(at: number, here: number): number {
    const code = this.#code;
    const count = this.registers[code[at + 1]!]!;
    const max = code[at + 3]!;
    const body = code[at + 5]!;
    const exit = at + 6;
    if (count < code[at + 2]!) return body;
    if (max !== -1 && count >= max) return exit;
    const isGreedy = code[at + 4] === 1;
    this.#choices.push(isGreedy ? exit : body, here, this.#trail.length, -1);
    return isGreedy ? body : exit;
  }

  /** An iteration that is not required and reads nothing is no iteration. ECMA-262, "RepeatMatcher". */
  #nextIteration(at: number, here: number): number {
    const code = this.#code;
    const count = this.registers[code[at + 1]!]!;
    if (count >= code[at + 3]! && this.registers[code[at + 2]!] === here) return FAILED;
    this.#store(code[at + 1]!, count + 1);
    return here;
  }

  /** Captures of a lookaround that holds stay; those of one that must not hold never do. */
  #look(at: number, here: number): number {
    const height = this.#trail.length;
    const isNegative = this.#code[at + 1] === 1;
    const isFound = this.run(at + 3, here);
    if (isFound && isNegative) this.#restore(height);
    return isFound !== isNegative ? here : FAILED;
  }

  /** Reads as much as the run may, and leaves the shorter (or, lazy, the longer) runs as one choice. */
  #readRun(at: number, here: number): number {
    const code = this.#code;
    const set = code[at + 1]!;
    const negate = code[at + 2]!;
    const back = code[at + 3]!;
    const min = code[at + 4]!;
    const direction = 1 - 2 * back;
    const room = back === 1 ? here : this.#text.length - here;
    const max = code[at + 5] === -1 ? room : Math.min(room, code[at + 5]!);
    let length = 0;
    while (length < max && this.#isMember(set, negate, here + length * direction - back)) length++;
    spend(length >> 2);
    if (length < min) return FAILED;
    const shortest = here + min * direction;
    const longest = here + length * direction;
    const isGreedy = code[at + 6] === 1;
    if (length > min) {
      const second = isGreedy ? longest - direction : shortest + direction;
      this.#choices.push(at + 7, second, this.#trail.length, isGreedy ? shortest : longest);
    }
    return isGreedy ? longest : shortest;
  }

  #readBackreference(at: number, here: number): number {
    const group = this.#code[at + 1]!;
    const back = this.#code[at + 2]!;
    const start = this.registers[2 * group]!;
    const end = this.registers[2 * group + 1]!;
    if (start === -1 || end === -1) return here;
    const length = end - start;
    const from = back === 1 ? here - length : here;
    if (from < 0 || from + length > this.#text.length) return FAILED;
    spend(length);
    for (let i = 0; i < length; i++) if (this.#unit(start + i) !== this.#unit(from + i)) return FAILED;
    return back === 1 ? from : from + length;
  }
}
