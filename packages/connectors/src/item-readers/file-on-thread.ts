import { placed } from "./located-text.ts";
import { errorOf, type ReadingRequest, type RowsAnswer, type RowsPart } from "./reading-messages.ts";
import type { RowBatch } from "./row-batch.ts";
import type { RowParser } from "./row-parser.ts";

/** Chunks on their way: whoever does not read on holds no more than their rows. */
const AHEAD = 6;

/** One file that the reading thread reads: chunks go there, rows come back in their order. */
export class FileOnThread {
  readonly #id: number;
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #send: (request: ReadingRequest, transferred: readonly ArrayBuffer[]) => void;
  readonly #answers: RowsAnswer[] = [];
  /** Chunks, and the end, whose rows were not given yet. */
  #underWay = 0;
  #isSending = false;
  #isSent = false;
  /** What the source threw: it comes behind the rows before it. */
  #failure: { readonly error: unknown } | undefined;
  #lost: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(
    id: number,
    source: AsyncIterator<Uint8Array>,
    send: (request: ReadingRequest, transferred: readonly ArrayBuffer[]) => void,
  ) {
    this.#id = id;
    this.#source = source;
    this.#send = send;
  }

  /** From where a parser stands. */
  async *rows({ state, place: beginning }: RowParser): AsyncGenerator<RowBatch> {
    let place = beginning;
    this.#send({ kind: "open", file: this.#id, state }, []);
    try {
      for (;;) {
        void this.#sendOn();
        const answer = this.#answers.shift();
        if (answer !== undefined) {
          this.#underWay--;
          const { parts, failure } = answer;
          place = answer.place;
          for (const part of parts) yield { texts: textsIn(part) };
          if (failure !== undefined) throw errorOf(failure);
        } else if (this.#lost !== undefined) throw this.#lost;
        else if (!this.#isSent || this.#underWay > 0) await this.#news();
        else if (this.#failure !== undefined) throw placed(this.#failure.error, () => place);
        else return;
      }
    } finally {
      this.#isSent = true;
      if (this.#lost === undefined) this.#send({ kind: "close", file: this.#id }, []);
    }
  }

  answered(answer: RowsAnswer): void {
    this.#answers.push(answer);
    this.#wake?.();
  }

  /** The thread is gone. */
  lose(error: Error): void {
    this.#lost = error;
    this.#isSent = true;
    this.#wake?.();
  }

  async #news(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }

  /** Chunks as they come, as many as may be on their way. Never rejects. */
  async #sendOn(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      while (!this.#isSent && this.#underWay < AHEAD) {
        const { value, done } = await this.#source.next();
        if (this.#isSent) break;
        this.#underWay++;
        if (done) {
          this.#isSent = true;
          this.#send({ kind: "end", file: this.#id }, []);
        } else {
          const bytes = owned(value);
          this.#send({ kind: "chunk", file: this.#id, bytes }, [bytes.buffer]);
        }
      }
    } catch (error) {
      this.#failure = { error };
      this.#isSent = true;
      this.#wake?.();
    } finally {
      this.#isSending = false;
    }
  }
}

/** A chunk may be a part of memory that others use. */
function owned(chunk: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = chunk;
  const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === chunk.byteLength;
  return isWhole ? new Uint8Array(buffer) : Uint8Array.from(chunk);
}

function textsIn({ text, lengths }: RowsPart): readonly string[] {
  const texts: string[] = [];
  let at = 0;
  for (const length of lengths) {
    texts.push(text.slice(at, at + length));
    at += length;
  }
  return texts;
}
