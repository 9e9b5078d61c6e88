/**
 * Items on their way to children: read as a stream, selected, put into batches. Holds what the reader gave last and the
 * batch that is being filled, whatever the number of items (design invariant 9).
 */
import {
  hasItemSelector,
  type Json,
  type MapRunItem,
  type MapRunPlan,
  memberName,
  OPERATIONS_PER_MS,
  operationsSpent,
  type StateMachine,
  StatesErrorSignal,
} from "@stepwell/core";
import type { ItemCursor, MapRunIo } from "../ports/map-run-io.ts";
import type { MapRunPosition } from "../ports/map-run-store.ts";

/** The input of a child that is to be begun. */
export interface ChildInput {
  readonly firstItem: number;
  readonly items: number;
  readonly key?: string;
  /** JSON text. */
  readonly input: string;
  /** What `input` was made of by JSON.stringify, where that is at hand; it may be made anew when it is asked for. */
  readonly of?: { readonly value: Json };
  /** Where the reader stands behind it; its cursor is asked for once in many children. */
  readonly behind?: { readonly cursor?: ItemCursor };
}

/** Where the inputs of a run's children come from, in order. */
export interface ChildInputSource {
  /**
   * Up to `max` inputs; fewer when there are no more, or when they are long: none only at the end. Throws a
   * StatesErrorSignal, after all that came before it.
   */
  take(max: number): Promise<readonly ChildInput[]>;
  readonly isAtEnd: boolean;
  close(): Promise<void>;
}

interface SourceItem {
  readonly value: Json;
  readonly text?: string;
  readonly key?: string;
  readonly source: string;
  readonly cursor?: ItemCursor;
}

export interface ItemInputsOptions {
  readonly machine: StateMachine;
  readonly stateName: string;
  readonly plan: MapRunPlan;
  readonly io: MapRunIo | undefined;
  readonly position: MapRunPosition;
  readonly payloadBytesMax: number;
  readonly signal: AbortSignal;
  /** What an item becomes; throws, or rejects with, a StatesErrorSignal. */
  select(item: MapRunItem): Json | Promise<Json>;
}

/** Characters of inputs taken at once: what a run holds of its items. */
const TAKEN_CHARACTERS_MAX = 4_194_304;
/** Evaluation of inputs taken at once, in operations of about 10 ns: then others have their turn. */
const TAKEN_OPERATIONS_MAX = 10 * OPERATIONS_PER_MS;

/** Made from the items of a Map. */
export class ItemInputs implements ChildInputSource {
  readonly #options: ItemInputsOptions;
  readonly #batch: Batch | undefined;
  readonly #hasSelector: boolean;
  #source: AsyncIterator<readonly SourceItem[]> | undefined;
  #items: readonly SourceItem[] = [];
  #at = 0;
  #nextItem: number;
  #isRead: boolean;
  #failure: unknown;

  constructor(options: ItemInputsOptions) {
    const { plan, position, payloadBytesMax } = options;
    this.#options = options;
    this.#nextItem = position.items;
    this.#isRead = position.isAtEnd;
    this.#hasSelector = hasItemSelector(options.machine, options.stateName);
    if (plan.batcher !== undefined) this.#batch = new Batch(plan.batcher, payloadBytesMax);
  }

  get isAtEnd(): boolean {
    return this.#isRead && this.#at >= this.#items.length && this.#failure === undefined && !this.#batch?.size;
  }

  async take(max: number): Promise<readonly ChildInput[]> {
    if (this.#failure !== undefined) throw this.#failure;
    const taken: ChildInput[] = [];
    let charactersLeft = TAKEN_CHARACTERS_MAX;
    const operationsMax = operationsSpent() + TAKEN_OPERATIONS_MAX;
    try {
      while (taken.length < max && charactersLeft > 0) {
        if (this.#at >= this.#items.length && !(await this.#read())) {
          this.#finishBatch(taken);
          break;
        }
        const item = this.#items[this.#at++] as SourceItem;
        const index = this.#nextItem++;
        const selected = this.#hasSelector ? this.#select(item, index) : undefined;
        const value = selected instanceof Promise ? await selected : selected;
        charactersLeft -= this.#add(item, value === undefined ? item : { value }, index, taken);
        if (operationsSpent() > operationsMax && taken.length > 0) break;
      }
    } catch (error) {
      if (taken.length === 0) throw error;
      this.#failure = error;
    }
    return taken;
  }

  /** Gives the characters that it takes. */
  #add(item: SourceItem, of: Pick<SourceItem, "value" | "text">, index: number, taken: ChildInput[]): number {
    const text = of.text ?? JSON.stringify(of.value);
    if (this.#batch === undefined) {
      this.#checkSize(text, index, this.#options.payloadBytesMax);
      const child = { firstItem: index, items: 1, input: text, of, behind: item };
      taken.push(item.key === undefined ? child : { ...child, key: item.key });
      return text.length;
    }
    if (!this.#batch.hasRoomFor(text)) this.#finishBatch(taken);
    this.#checkSize(text, index, this.#batch.itemBytesMax);
    this.#batch.add(text, index, item);
    if (this.#batch.isFull) this.#finishBatch(taken);
    return text.length;
  }

  #select({ value, source, key }: SourceItem, index: number): Json | Promise<Json> {
    return this.#options.select({ index, value, source, ...(key === undefined ? {} : { key }) });
  }

  #finishBatch(taken: ChildInput[]): void {
    if (this.#batch !== undefined && this.#batch.size > 0) taken.push(this.#batch.take());
  }

  #checkSize(text: string, index: number, bytesMax: number): void {
    if (bytesOf(text, bytesMax) <= bytesMax) return;
    throw new StatesErrorSignal(
      "States.DataLimitExceeded",
      `The input of the child workflow execution for the item with index ${index} of the state '${this.#options.stateName}' exceeds the maximum number of bytes service limit.`,
    );
  }

  async #read(): Promise<boolean> {
    if (this.#isRead) return false;
    this.#source ??= this.#open();
    const next = await this.#source.next();
    this.#isRead = next.done === true;
    this.#items = next.done === true ? [] : next.value;
    this.#at = 0;
    return next.done !== true;
  }

  #open(): AsyncIterator<readonly SourceItem[]> {
    const { plan, io, position, signal } = this.#options;
    if (plan.reader === undefined) return stateData(plan, position.items);
    if (io === undefined) {
      throw new StatesErrorSignal("States.ItemReaderFailed", "There is no object store to read the items from.");
    }
    const after = position.cursor;
    const asTexts = !this.#hasSelector;
    const stream = io.readItems(plan.reader, { signal, asTexts, ...(after === undefined ? {} : { after }) });
    return stream.batches()[Symbol.asyncIterator]();
  }

  async close(): Promise<void> {
    await this.#source?.return?.();
  }
}

const STATE_DATA_SLICE = 1_000;

async function* stateData(plan: MapRunPlan, from: number): AsyncGenerator<readonly SourceItem[]> {
  const { items = [] } = plan;
  const source = "STATE_DATA";
  for (let at = from; at < items.length; at += STATE_DATA_SLICE) {
    yield items.slice(at, at + STATE_DATA_SLICE).map((value) => {
      const key = memberName(plan, value);
      return key === undefined ? { value, source } : { value, source, key };
    });
  }
}

/** The items that go to one child together. features.md A.13. */
class Batch {
  readonly itemBytesMax: number;
  readonly #head: string;
  readonly #itemsMax: number;
  readonly #bytesMax: number;
  readonly #texts: string[] = [];
  #bytes: number;
  #firstItem = 0;
  #last: SourceItem | undefined;

  constructor(
    { maxItemsPerBatch, maxInputBytesPerBatch, batchInput }: NonNullable<MapRunPlan["batcher"]>,
    payloadBytesMax: number,
  ) {
    this.#head = batchInput === undefined ? '{"Items":[' : `{"BatchInput":${JSON.stringify(batchInput)},"Items":[`;
    this.#itemsMax = maxItemsPerBatch ?? Number.POSITIVE_INFINITY;
    this.#bytesMax = Math.min(maxInputBytesPerBatch ?? payloadBytesMax, payloadBytesMax);
    this.#bytes = this.#emptyBytes;
    this.itemBytesMax = payloadBytesMax - this.#emptyBytes;
  }

  get #emptyBytes(): number {
    return Buffer.byteLength(this.#head) + 2;
  }

  get size(): number {
    return this.#texts.length;
  }

  get isFull(): boolean {
    return this.#texts.length >= this.#itemsMax;
  }

  hasRoomFor(text: string): boolean {
    return this.#texts.length === 0 || this.#bytes + 1 + Buffer.byteLength(text) <= this.#bytesMax;
  }

  add(text: string, index: number, item: SourceItem): void {
    if (this.#texts.length === 0) this.#firstItem = index;
    this.#bytes += Buffer.byteLength(text) + (this.#texts.length === 0 ? 0 : 1);
    this.#texts.push(text);
    this.#last = item;
  }

  take(): ChildInput {
    const taken = {
      firstItem: this.#firstItem,
      items: this.#texts.length,
      input: `${this.#head}${this.#texts.join(",")}]}`,
      ...(this.#last === undefined ? {} : { behind: this.#last }),
    };
    this.#texts.length = 0;
    this.#bytes = this.#emptyBytes;
    return taken;
  }
}

/** Counted only when it may be too much. */
function bytesOf(text: string, bytesMax: number): number {
  return text.length * 3 <= bytesMax ? text.length : Buffer.byteLength(text);
}
