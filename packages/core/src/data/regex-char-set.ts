/**
 * Sets of UTF-16 code units, as the classes of a regular expression without the `u` flag need them.
 * ECMA-262, "CompileToCharSet", "Canonicalize".
 */
import type { AST } from "@eslint-community/regexpp";

const CODE_UNITS = 0x10000;

const WORDS = CODE_UNITS / 32;

export class CharSet {
  /** Bit `unit & 31` of word `unit >>> 5` is one for a member. The matcher reads it directly. */
  readonly bits: Uint32Array = new Uint32Array(WORDS);

  has(unit: number): boolean {
    return ((this.bits[unit >>> 5]! >>> (unit & 31)) & 1) === 1;
  }

  add(unit: number): void {
    this.bits[unit >>> 5]! |= 1 << (unit & 31);
  }

  addRange(from: number, to: number): void {
    for (let unit = from; unit <= to; unit++) this.add(unit);
  }

  addAll(other: CharSet): void {
    for (let word = 0; word < WORDS; word++) this.bits[word]! |= other.bits[word]!;
  }

  complement(): CharSet {
    const complement = new CharSet();
    for (let word = 0; word < WORDS; word++) complement.bits[word] = ~this.bits[word]!;
    return complement;
  }

  /** The canonical forms of the members: what a set has to hold when texts are compared without regard to case. */
  folded(): CharSet {
    const { fold, unchanged, changed } = caseTables();
    const folded = new CharSet();
    for (let word = 0; word < WORDS; word++) folded.bits[word] = this.bits[word]! & unchanged.bits[word]!;
    for (const unit of changed) if (this.has(unit)) folded.add(fold[unit]!);
    return folded;
  }
}

interface CaseTables {
  /** Canonicalize for every code unit, without the `u` flag. */
  readonly fold: Uint16Array;
  /** The units that are their own canonical form, and the others. */
  readonly unchanged: CharSet;
  readonly changed: readonly number[];
}

let tables: CaseTables | undefined;

function caseTables(): CaseTables {
  tables ??= makeCaseTables();
  return tables;
}

function makeCaseTables(): CaseTables {
  const fold = new Uint16Array(CODE_UNITS);
  const unchanged = new CharSet();
  const changed: number[] = [];
  for (let unit = 0; unit < CODE_UNITS; unit++) {
    fold[unit] = upperCase(unit);
    if (fold[unit] === unit) unchanged.add(unit);
    else changed.push(unit);
  }
  return { fold, unchanged, changed };
}

/** Upper case, where that is one code unit and ASCII stays apart. */
function upperCase(unit: number): number {
  const upper = String.fromCharCode(unit).toUpperCase();
  const first = upper.charCodeAt(0);
  return upper.length !== 1 || (unit >= 128 && first < 128) ? unit : first;
}

export function caseFolding(): Uint16Array {
  return caseTables().fold;
}

/** The set a class or a class escape stands for; `negate` of a whole class is the matcher's business (case folding). */
export function charSetOf(node: AST.CharacterClass | AST.CharacterSet): CharSet {
  if (node.type === "CharacterSet") return escapeSet(node);
  const set = new CharSet();
  for (const element of node.elements) {
    if (element.type === "Character") set.add(element.value);
    else if (element.type === "CharacterClassRange") set.addRange(element.min.value, element.max.value);
    else if (element.type === "CharacterSet") set.addAll(escapeSet(element));
    else throw new SyntaxError(`Invalid regular expression: ${element.raw} needs the v flag`);
  }
  return set;
}

function escapeSet(node: AST.CharacterSet): CharSet {
  if (node.kind === "any") return lineTerminators().complement();
  if (node.kind === "property") throw new SyntaxError(`Invalid regular expression: ${node.raw} needs the u flag`);
  const set = new CharSet();
  if (node.kind !== "space") set.addRange(0x30, 0x39);
  if (node.kind === "space") for (const unit of WHITE_SPACE) set.add(unit);
  if (node.kind === "word") {
    set.addRange(0x41, 0x5a);
    set.addRange(0x61, 0x7a);
    set.add(0x5f);
  }
  return node.negate ? set.complement() : set;
}

function lineTerminators(): CharSet {
  const set = new CharSet();
  for (const unit of [0x0a, 0x0d, 0x2028, 0x2029]) set.add(unit);
  return set;
}

/** ECMA-262, "WhiteSpace" and "LineTerminator". */
const WHITE_SPACE = [
  0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0xa0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007,
  0x2008, 0x2009, 0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff,
];
