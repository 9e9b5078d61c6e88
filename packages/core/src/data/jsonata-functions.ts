/**
 * The functions that Step Functions adds to JSONata. AWS, "JSONata functions provided by Step Functions".
 * Numbers that are not whole are rounded towards zero; arguments that are missing give nothing, as in JSONata's own.
 */
import { library } from "../generated/jsonata-sync.ts";
import { hashHex } from "./hash.ts";
import { JavaRandom } from "./java-random.ts";
import { claimElements, claimRangeFunction, currentFacts, readText } from "./jsonata-meter.ts";

type Implementation = (...values: never[]) => unknown;

const FUNCTIONS: readonly (readonly [name: string, implementation: Implementation, signature: string])[] = [
  ["partition", partition, "<an:a>"],
  ["range", range, "<nnn:a>"],
  ["hash", hash, "<ss?:s>"],
  ["random", random, "<n?:n>"],
  ["uuid", uuid, "<:s>"],
  ["parse", parse, "<s:x>"],
];

for (const [name, implementation, signature] of FUNCTIONS) {
  library.staticFrame.bind(name, library.defineFunction(implementation, signature));
}

/** A single part stays an array in an array (recorded: `[[0]]`), unlike what `range` gives. */
function partition(array: readonly unknown[] | undefined, size: number | undefined): unknown[] | undefined {
  if (array === undefined || size === undefined) return undefined;
  const length = Math.trunc(size);
  if (length < 0) throw { code: "", message: `Chunk size of $partition must be a positive integer, got ${size}` };
  if (!(length > 0)) return undefined;
  const chunks: unknown[] = [];
  for (let start = 0; start < array.length; start += length) {
    const chunk = array.slice(start, start + length);
    claimElements(chunks.length, chunk.length + 1);
    chunks.push(chunk);
  }
  return chunks.length === 0 ? undefined : chunks;
}

/** A sequence: one element comes out alone, none as nothing. Recorded-behaviour.md, fact 20. */
function range(first: number | undefined, last: number | undefined, delta: number | undefined): unknown[] | undefined {
  if (first === undefined || last === undefined || delta === undefined) return undefined;
  const [from, to, step] = [Math.trunc(first), Math.trunc(last), Math.trunc(delta)];
  const length = step === 0 ? 0 : Math.floor((to - from) / step) + 1;
  if (!(length > 0)) return undefined;
  claimRangeFunction(length);
  const elements = library.createSequence();
  for (let i = 0; i < length; i++) elements.push(from + i * step);
  return elements;
}

function hash(text: string | undefined, algorithm: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  readText(text);
  return hashHex(algorithm ?? "SHA-1", text);
}

function random(seed: number | undefined): number {
  if (seed === undefined) return currentFacts().random();
  return new JavaRandom(Number.isFinite(seed) ? Math.trunc(seed) : 0).nextDouble();
}

function uuid(): string {
  return currentFacts().uuid();
}

function parse(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  readText(text);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw { code: "", message: `Argument of $parse is not JSON: ${(error as SyntaxError).message}` };
  }
}
