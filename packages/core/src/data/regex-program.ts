/**
 * A regular expression as a program for the matcher: one row of numbers, an opcode and its operands after another.
 * ECMA-262, "Pattern Semantics", for patterns without the `u` and `v` flags.
 */
import type { AST } from "@eslint-community/regexpp";
import { CharSet, caseFolding, charSetOf } from "./regex-char-set.ts";

/** Operands stand behind the colon. `BACK` variants, inside a lookbehind, read the unit before the position. */
export const OP = {
  MATCH: 0,
  /** : unit, back */
  CHAR: 1,
  /** : set, negate, back */
  SET: 2,
  /** : preferred target, other target */
  SPLIT: 3,
  /** : target */
  JUMP: 4,
  /** : register; stores the position */
  SAVE: 5,
  /** : first register, register after the last; captures become undefined */
  CLEAR: 6,
  /** : register, value */
  SET_REGISTER: 7,
  /** : register of the count, min, max (-1: no end), greedy, target of the body; goes on behind for the exit */
  LOOP: 8,
  /** : register of the count, register of the position at the start of the iteration (-1: cannot be empty), min, target of LOOP */
  NEXT: 9,
  /** : set, negate, back, min, max (-1: no end), greedy; a run of one-unit matches */
  RUN: 10,
  ASSERT_START: 11,
  ASSERT_END: 12,
  /** : negate */
  ASSERT_WORD: 13,
  /** : negate, target behind the lookaround; the body follows and ends in MATCH */
  LOOK: 14,
  /** : group, back */
  BACKREFERENCE: 15,
} as const;

export interface RegexProgram {
  readonly code: Int32Array;
  readonly sets: readonly CharSet[];
  /** Registers 0 … 2·groups+1 are the starts and ends of the whole match and the groups; the rest are the loops'. */
  readonly registers: number;
  readonly groups: number;
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
  readonly wordSet: CharSet;
}

export function compileRegexProgram(pattern: AST.Pattern, flags: string): RegexProgram {
  return new ProgramCompiler(pattern, flags.includes("i"), flags.includes("m")).program();
}

class ProgramCompiler {
  readonly #code: number[] = [];
  readonly #sets: CharSet[] = [];
  readonly #numbers: ReadonlyMap<AST.CapturingGroup, number>;
  readonly #pattern: AST.Pattern;
  readonly #ignoreCase: boolean;
  readonly #multiline: boolean;
  #registers: number;

  constructor(pattern: AST.Pattern, ignoreCase: boolean, multiline: boolean) {
    this.#pattern = pattern;
    this.#ignoreCase = ignoreCase;
    this.#multiline = multiline;
    this.#numbers = new Map(capturingGroups(pattern.alternatives).map((group, index) => [group, index + 1]));
    this.#registers = 2 * (this.#numbers.size + 1);
  }

  program(): RegexProgram {
    this.#emit(OP.SAVE, 0);
    this.#alternatives(this.#pattern.alternatives, 0);
    this.#emit(OP.SAVE, 1);
    this.#emit(OP.MATCH);
    return {
      code: Int32Array.from(this.#code),
      sets: this.#sets,
      registers: this.#registers,
      groups: this.#numbers.size,
      ignoreCase: this.#ignoreCase,
      multiline: this.#multiline,
      wordSet: wordSet(),
    };
  }

  #emit(...numbers: number[]): number {
    return this.#code.push(...numbers) - numbers.length;
  }

  #patch(at: number): void {
    this.#code[at] = this.#code.length;
  }

  #alternatives(alternatives: readonly AST.Alternative[], back: number): void {
    const exits: number[] = [];
    alternatives.forEach(({ elements }, index) => {
      const last = index === alternatives.length - 1;
      const split = last ? -1 : this.#emit(OP.SPLIT, 0, 0);
      if (!last) this.#patch(split + 1);
      for (const element of back === 1 ? elements.toReversed() : elements) this.#element(element, back);
      if (last) return;
      exits.push(this.#emit(OP.JUMP, 0) + 1);
      this.#patch(split + 2);
    });
    for (const exit of exits) this.#patch(exit);
  }

  #element(element: AST.Element, back: number): void {
    switch (element.type) {
      case "Character":
        this.#emit(OP.CHAR, this.#ignoreCase ? caseFolding()[element.value]! : element.value, back);
        return;
      case "CharacterSet":
      case "CharacterClass":
        this.#emit(OP.SET, ...this.#set(element), back);
        return;
      case "Group":
        this.#alternatives(element.alternatives, back);
        return;
      case "CapturingGroup":
        this.#capture(element, back);
        return;
      case "Quantifier":
        this.#quantifier(element, back);
        return;
      case "Assertion":
        this.#assertion(element);
        return;
      case "Backreference":
        this.#backreference(element, back);
        return;
      default:
        throw new SyntaxError(`Invalid regular expression: ${element.raw} needs the v flag`);
    }
  }

  #set(node: AST.CharacterClass | AST.CharacterSet | AST.Character): [number, number] {
    const negate = node.type === "CharacterClass" && node.negate ? 1 : 0;
    const set = node.type === "Character" ? singleton(node.value) : charSetOf(node);
    return [this.#sets.push(this.#ignoreCase ? set.folded() : set) - 1, negate];
  }

  #capture(group: AST.CapturingGroup, back: number): void {
    const start = 2 * this.#numbers.get(group)!;
    this.#emit(OP.SAVE, start + back);
    this.#alternatives(group.alternatives, back);
    this.#emit(OP.SAVE, start + 1 - back);
  }

  #quantifier({ element, min, max, greedy }: AST.Quantifier, back: number): void {
    const bound = max === Number.POSITIVE_INFINITY ? -1 : max;
    if (element.type === "Character" || element.type === "CharacterSet" || element.type === "CharacterClass") {
      this.#emit(OP.RUN, ...this.#set(element), back, min, bound, greedy ? 1 : 0);
      return;
    }
    const count = this.#registers++;
    const start = this.#registers++;
    this.#emit(OP.SET_REGISTER, count, 0);
    const loop = this.#emit(OP.LOOP, count, min, bound, greedy ? 1 : 0, 0);
    const exit = this.#emit(OP.JUMP, 0);
    this.#patch(loop + 5);
    this.#emit(OP.SAVE, start);
    const inside = capturingGroupsOf(element).map((group) => this.#numbers.get(group)!);
    if (inside.length > 0) this.#emit(OP.CLEAR, 2 * inside[0]!, 2 * inside.at(-1)! + 2);
    this.#element(element, back);
    this.#emit(OP.NEXT, count, start, min, loop);
    this.#patch(exit + 1);
  }

  #assertion(assertion: AST.Assertion): void {
    if ("alternatives" in assertion) {
      const look = this.#emit(OP.LOOK, assertion.negate ? 1 : 0, 0);
      this.#alternatives(assertion.alternatives, assertion.kind === "lookbehind" ? 1 : 0);
      this.#emit(OP.MATCH);
      this.#patch(look + 2);
    } else if (assertion.kind === "word") this.#emit(OP.ASSERT_WORD, assertion.negate ? 1 : 0);
    else this.#emit(assertion.kind === "start" ? OP.ASSERT_START : OP.ASSERT_END);
  }

  #backreference(reference: AST.Backreference, back: number): void {
    const { resolved } = reference;
    if (Array.isArray(resolved)) throw new SyntaxError(`Invalid regular expression: ${reference.raw} is ambiguous`);
    this.#emit(OP.BACKREFERENCE, this.#numbers.get(resolved)!, back);
  }
}

function singleton(unit: number): CharSet {
  const set = new CharSet();
  set.add(unit);
  return set;
}

function wordSet(): CharSet {
  const set = new CharSet();
  set.addRange(0x30, 0x39);
  set.addRange(0x41, 0x5a);
  set.addRange(0x61, 0x7a);
  set.add(0x5f);
  return set;
}

function capturingGroups(alternatives: readonly AST.Alternative[]): AST.CapturingGroup[] {
  return alternatives.flatMap(({ elements }) => elements.flatMap(capturingGroupsOf));
}

/** The groups in and below an element, in the order of their numbers. */
function capturingGroupsOf(element: AST.Element): AST.CapturingGroup[] {
  if (element.type === "Quantifier") return capturingGroupsOf(element.element);
  const inside = "alternatives" in element ? capturingGroups(element.alternatives as AST.Alternative[]) : [];
  return element.type === "CapturingGroup" ? [element, ...inside] : inside;
}
