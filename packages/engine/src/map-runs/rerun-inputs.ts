/** The inputs of chosen children of another run, once more: `stepwell map-run redrive --items`. */
import { isJsonObject, type Json } from "@stepwell/core";
import type { MapRunPosition, MapRunStore } from "../ports/map-run-store.ts";
import type { ChildInput, ChildInputSource } from "./child-inputs.ts";

/** Inputs may be long: no more are held at once. */
const TAKEN_MAX = 256;

type Range = readonly [first: number, last: number];

export class RerunInputs implements ChildInputSource {
  readonly #store: Pick<MapRunStore, "children">;
  readonly #key: number;
  readonly #patch: Json | undefined;
  readonly #ranges: Range[];
  #nextItem: number;

  /** `ranges` are indexes of children, both ends included, in order and without overlap. */
  constructor(
    store: Pick<MapRunStore, "children">,
    key: number,
    ranges: readonly Range[],
    inputPatch: string | undefined,
    position: MapRunPosition,
  ) {
    this.#store = store;
    this.#key = key;
    this.#patch = inputPatch === undefined ? undefined : (JSON.parse(inputPatch) as Json);
    this.#ranges = behind(ranges, position.children);
    this.#nextItem = position.items;
  }

  get isAtEnd(): boolean {
    return this.#ranges.length === 0;
  }

  async take(max: number): Promise<readonly ChildInput[]> {
    const taken: ChildInput[] = [];
    const end = Math.min(max, TAKEN_MAX);
    while (taken.length < end) {
      const range = this.#ranges.shift();
      if (range === undefined) break;
      const [first, last] = range;
      const limit = Math.min(end - taken.length, last - first + 1);
      const children = await this.#store.children(this.#key, { limit, after: first - 1, texts: true });
      for (const { input, items, key } of children) {
        taken.push({
          firstItem: this.#nextItem,
          items,
          input: this.#patched(input),
          ...(key === undefined ? {} : { key }),
        });
        this.#nextItem += items;
      }
      if (first + limit <= last) this.#ranges.unshift([first + limit, last]);
    }
    return taken;
  }

  #patched(input: string): string {
    if (this.#patch === undefined) return input;
    const value = JSON.parse(input) as Json;
    const isMerged = isJsonObject(value) && isJsonObject(this.#patch);
    return JSON.stringify(isMerged ? { ...value, ...this.#patch } : this.#patch);
  }

  async close(): Promise<void> {}
}

/** What is left of the ranges after so many children. */
function behind(ranges: readonly Range[], children: number): Range[] {
  let left = children;
  return ranges.flatMap(([first, last]): Range[] => {
    const gone = Math.min(left, last - first + 1);
    left -= gone;
    return first + gone > last ? [] : [[first + gone, last]];
  });
}
