/**
 * Asks other nodes. Calls to one node that come in the same turn travel in one request; each is answered as soon as its
 * answer is ready.
 */
import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import { NotOwned, type PeerCall, StoreUnavailable } from "@stepwell/engine";
import { eachLine } from "./answer-lines.ts";
import { type AnswerLine, errorOf } from "./peer-answers.ts";
import type { PeerWire } from "./peer-wire.ts";

const ANSWER_MS = 10_000;
/** StartSyncExecution may take five minutes. */
const SYNC_MS = 330_000;
/** Done twice they are as done once: when it is not known whether they were done, they are asked for again. */
const REPEATABLE: ReadonlySet<string> = new Set([
  "waiting",
  "stop",
  "sendTaskHeartbeat",
  "machineDeleted",
  "beginChild",
  "stopChild",
  "redriveChild",
  "childrenEnded",
  "updateMapRun",
]);

interface Asked {
  readonly call: PeerCall;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

interface Batch {
  readonly address: string;
  readonly calls: Map<number, Asked>;
}

export class PeerClient {
  readonly #wire: PeerWire;
  readonly #gathered = new Map<string, Batch>();
  readonly #open = new Set<Batch>();
  readonly #aborts = new WeakMap<Batch, () => void>();
  #nextId = 1;

  constructor(wire: PeerWire) {
    this.#wire = wire;
  }

  /** Rejects `NotOwned` when nothing can have been done, or when it may be asked for again anyway. */
  ask(address: string, call: PeerCall): Promise<unknown> {
    if (this.#wire.problemOf(address) !== undefined) return Promise.reject(new NotOwned());
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      const batch = this.#batchFor(address);
      const waitMs = call.method === "startSync" ? SYNC_MS : ANSWER_MS;
      const timer = setTimeout(() => {
        batch.calls.delete(id);
        reject(unknown(call, `no answer from ${address} within ${waitMs} ms`));
      }, waitMs);
      batch.calls.set(id, {
        call,
        resolve: (value) => {
          clearTimeout(timer);
          resolve(value);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
    });
  }

  #batchFor(address: string): Batch {
    let batch = this.#gathered.get(address);
    if (batch === undefined) {
      const gathered: Batch = { address, calls: new Map() };
      batch = gathered;
      this.#gathered.set(address, batch);
      setImmediate(() => {
        this.#gathered.delete(address);
        this.#send(gathered);
      });
    }
    return batch;
  }

  #send(batch: Batch): void {
    const { address, calls } = batch;
    if (calls.size === 0) return;
    this.#open.add(batch);
    let isConnected = false;
    const outgoing = this.#wire.request(address, "/calls", { answered: (response) => this.#read(batch, response) });
    const abort = (): void => void outgoing.destroy(new Error("the node is gone"));
    this.#aborts.set(batch, abort);
    outgoing.on("socket", (socket) => {
      // Nothing of a request leaves before the other side has shown who it is.
      const connected = socket instanceof TLSSocket ? "secureConnect" : "connect";
      if (socket.connecting) socket.once(connected, () => (isConnected = true));
      else isConnected = true;
    });
    outgoing.on("error", (error) => this.#failed(batch, error, isConnected));
    for (const [id, { call }] of calls) outgoing.write(`${JSON.stringify({ id, ...call })}\n`);
    outgoing.end();
  }

  #read(batch: Batch, response: IncomingMessage): void {
    if (response.statusCode !== 200) {
      response.resume();
      this.#failed(batch, new Error(`${batch.address} answered ${response.statusCode}`), false);
      return;
    }
    eachLine(response, (line) => {
      const answer = JSON.parse(line) as AnswerLine;
      const asked = batch.calls.get(answer.id);
      if (asked === undefined) return;
      batch.calls.delete(answer.id);
      const error = errorOf(answer);
      if (error === undefined) asked.resolve(answer.kind === "done" ? answer.value : undefined);
      else asked.reject(error);
    });
    response.on("close", () => this.#failed(batch, new Error("the connection was cut"), true));
  }

  /** Whoever of a batch has no answer is told. */
  #failed(batch: Batch, error: Error, mayBeDone: boolean): void {
    this.#open.delete(batch);
    for (const { call, reject } of batch.calls.values()) {
      reject(mayBeDone ? unknown(call, `${batch.address}: ${error.message}`) : new NotOwned());
    }
    batch.calls.clear();
  }

  /** Nodes that are gone will not answer any more. */
  keepOnly(addresses: ReadonlySet<string>): void {
    for (const batch of [...this.#open]) if (!addresses.has(batch.address)) this.#aborts.get(batch)?.();
  }

  close(): void {
    for (const batch of [...this.#open]) this.#aborts.get(batch)?.();
  }
}

function unknown(call: PeerCall, message: string): Error {
  return REPEATABLE.has(call.method) ? new NotOwned() : new StoreUnavailable(message);
}
