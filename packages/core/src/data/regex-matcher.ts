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
const CHARGED_STEPS = 256;

/** Where the match and its groups start and end, -1 for a group that took no part; undefined: no match from `start` on. */
export function matchFrom(program: RegexProgram, text: string, start: number): Int32Array | undefined {
  const matcher = new Matcher(program, text);
  for (let at = start; at <= text.length; at++) if (matcher.run(0, at)) return matcher.registers;
  return undefined;
}

class Matcher {
  readonly registers: Int32Array;
  readonly #program: RegexProgram;
  readonly #text: string;
  readonly #fold: Uint16Array | undefined;
  /** Choices: pc, position, height of the trail, last position of a run (-1: a plain choice). */
  readonly #choices: number[] = [];
  readonly #trail: number[] = [];
  #steps = 0;

  constructor(program: RegexProgram, text: string) {
    this.#program = program;
    this.#text = text;
    this.#fold = program.ignoreCase ? caseFolding() : undefined;
    this.registers = new Int32Array(program.registers).fill(-1);
  }

  /** True when the code at `pc` matches from `position`; then the registers hold the match, otherwise they are as before. */
  run(pc: number, position: number): boolean {
    const { code, sets } = this.#program;
    const text = this.#text;
    const floor = this.#choices.length;
    const trailFloor = this.#trail.length;
    for (;;) {
      if (++this.#steps === CHARGED_STEPS) this.#charge();
      let ok = true;
      switch (code[pc]) {
        case OP.MATCH:
          // A lookaround is not gone back into; its trail stays, for whatever lies before it.
          this.#choices.length = floor;
          return true;
        case OP.CHAR: {
          const at = position - code[pc + 2]!;
          ok = at >= 0 && at < text.length && this.#unit(at) === code[pc + 1];
          position += 1 - 2 * code[pc + 2]!;
          pc += 3;
          break;
        }
        case OP.SET: {
          const at = position - code[pc + 3]!;
          ok = at >= 0 && at < text.length && sets[code[pc + 1]!]!.has(this.#unit(at)) !== (code[pc + 2] === 1);
          position += 1 - 2 * code[pc + 3]!;
          pc += 4;
          break;
        }
        case OP.SPLIT:
          this.#choose(code[pc + 2]!, position, -1);
          pc = code[pc + 1]!;
          break;
        case OP.JUMP:
          pc = code[pc + 1]!;
          break;
        case OP.SAVE:
          this.#store(code[pc + 1]!, position);
          pc += 2;
          break;
        case OP.CLEAR:
          for (let r = code[pc + 1]!; r < code[pc + 2]!; r++) this.#store(r, -1);
          pc += 3;
          break;
        case OP.SET_REGISTER:
          this.#store(code[pc + 1]!, code[pc + 2]!);
          pc += 3;
          break;
        case OP.LOOP:
          pc = this.#loop(pc, position);
          break;
        case OP.NEXT: {
          const count = this.registers[code[pc + 1]!]!;
          // An iteration that is not required and reads nothing is no iteration. ECMA-262, "RepeatMatcher".
          ok = !(count >= code[pc + 3]! && this.registers[code[pc + 2]!] === position);
          this.#store(code[pc + 1]!, count + 1);
          pc = code[pc + 4]!;
          break;
        }
        case OP.RUN: {
          const next = this.#run(pc, position);
          ok = next !== undefined;
          if (next !== undefined) position = next;
          pc += 7;
          break;
        }
        case OP.ASSERT_START:
          ok = position === 0 || (this.#program.multiline && isLineTerminator(text.charCodeAt(position - 1)));
          pc += 1;
          break;
        case OP.ASSERT_END:
          ok = position === text.length || (this.#program.multiline && isLineTerminator(text.charCodeAt(position)));
          pc += 1;
          break;
        case OP.ASSERT_WORD:
          ok = (this.#isWord(position - 1) !== this.#isWord(position)) !== (code[pc + 1] === 1);
          pc += 2;
          break;
        case OP.LOOK: {
          const height = this.#trail.length;
          const found = this.run(pc + 3, position);
          // Captures of a lookahead that holds stay; those of one that must not hold never do.
          if (found && code[pc + 1] === 1) this.#restore(height);
          ok = found !== (code[pc + 1] === 1);
          pc = code[pc + 2]!;
          break;
        }
        default: {
          const next = this.#backreference(code[pc + 1]!, code[pc + 2]!, position);
          ok = next !== undefined;
          if (next !== undefined) position = next;
          pc += 3;
        }
      }
      if (ok) continue;
      if (this.#choices.length === floor) {
        this.#restore(trailFloor);
        return false;
      }
      [pc, position] = this.#backtrack();
    }
  }

  #charge(): void {
    this.#steps = 0;
    spend(CHARGED_STEPS * OPERATIONS_PER_STEP);
    if (this.#choices.length + this.#trail.length > STACK_NUMBERS_MAX) throw new LimitReached(MEMORY_EXCEEDED);
  }

  #unit(at: number): number {
    const unit = this.#text.charCodeAt(at);
    return this.#fold === undefined ? unit : this.#fold[unit]!;
  }

  #isWord(at: number): boolean {
    return at >= 0 && at < this.#text.length && this.#program.wordSet.has(this.#text.charCodeAt(at));
  }

  #store(register: number, value: number): void {
    this.#trail.push(register, this.registers[register]!);
    this.registers[register] = value;
  }

  #restore(height: number): void {
    while (this.#trail.length > height) {
      const value = this.#trail.pop()!;
      this.registers[this.#trail.pop()!] = value;
    }
  }

  #choose(pc: number, position: number, last: number): void {
    this.#choices.push(pc, position, this.#trail.length, last);
  }

  #backtrack(): [pc: number, position: number] {
    const choices = this.#choices;
    const top = choices.length - 4;
    const [pc, position, height, last] = [choices[top]!, choices[top + 1]!, choices[top + 2]!, choices[top + 3]!];
    this.#restore(height);
    if (last === -1 || position === last) choices.length = top;
    else choices[top + 1] = position + Math.sign(last - position);
    return [pc, position];
  }

  #loop(pc: number, position: number): number {
    const code = this.#program.code;
    const count = this.registers[code[pc + 1]!]!;
    const [min, max, body, exit] = [code[pc + 2]!, code[pc + 3]!, code[pc + 5]!, pc + 6];
    if (count < min) return body;
    if (max !== -1 && count >= max) return exit;
    const greedy = code[pc + 4] === 1;
    this.#choose(greedy ? exit : body, position, -1);
    return greedy ? body : exit;
  }

  /** Reads as much as the run may, and leaves the shorter (or, lazy, the longer) runs as one choice. */
  #run(pc: number, position: number): number | undefined {
    const { code, sets } = this.#program;
    const set = sets[code[pc + 1]!]!;
    const negate = code[pc + 2] === 1;
    const back = code[pc + 3]!;
    const direction = 1 - 2 * back;
    const room = back === 1 ? position : this.#text.length - position;
    const max = code[pc + 5] === -1 ? room : Math.min(room, code[pc + 5]!);
    const min = code[pc + 4]!;
    let length = 0;
    while (length < max && set.has(this.#unit(position + length * direction - back)) !== negate) length++;
    spend(length >> 3);
    if (length < min) return undefined;
    const [shortest, longest] = [position + min * direction, position + length * direction];
    const greedy = code[pc + 6] === 1;
    if (length > min) {
      const second = greedy ? longest - direction : shortest + direction;
      this.#choose(pc + 7, second, greedy ? shortest : longest);
    }
    return greedy ? longest : shortest;
  }

  #backreference(group: number, back: number, position: number): number | undefined {
    const start = this.registers[2 * group]!;
    const end = this.registers[2 * group + 1]!;
    if (start === -1 || end === -1) return position;
    const length = end - start;
    const from = back === 1 ? position - length : position;
    if (from < 0 || from + length > this.#text.length) return undefined;
    spend(length);
    for (let i = 0; i < length; i++) if (this.#unit(start + i) !== this.#unit(from + i)) return undefined;
    return back === 1 ? from : from + length;
  }
}

function isLineTerminator(unit: number): boolean {
  return unit === 0x0a || unit === 0x0d || unit === 0x2028 || unit === 0x2029;
}
