/**
 * A node's place among the others: a lease it renews, and its share of the shards.
 *
 * N1. A lease is over when its row is gone. It is deleted by another node, after it has run out by the database's clock;
 *     commits that hold it are waited for by that, and see everything of this node before them.
 * N2. Only the database ends a lease for the node that has it: while the database is away nobody can take over, and
 *     nothing is forgotten.
 * N3. A shard is given away only when nothing of it is being committed any more.
 * N4. After the database was away, nobody's lease is deleted before all nodes had the time to renew theirs.
 */

import { NotOwned } from "@stepwell/engine";
import { arrayOf } from "../binary-array.ts";
import type { Postgres } from "../database.ts";
import { violatedConstraint } from "../database-failure.ts";
import { SLOTS } from "../execution-keys.ts";
import type { Lease } from "../fence.ts";
import { SHARDS, shardOf } from "../fence.ts";

export interface MembershipOptions {
  readonly database: Postgres;
  /** How this node is called in logs. */
  readonly name: string;
  /** Where other nodes reach it: host:port. */
  readonly address: string;
  /** Of the release. */
  readonly version: string;
  /** Default 4 seconds. A node that did not renew for so long is taken over from. */
  readonly leaseMs?: number;
  readonly onProblem?: (problem: unknown, about: string) => void;
  readonly onEvent?: (event: MembershipEvent) => void;
}

export type MembershipEvent =
  | { readonly kind: "joined"; readonly epoch: number }
  | { readonly kind: "acquired" | "released"; readonly shards: number }
  | { readonly kind: "fenced"; readonly epoch: number }
  | { readonly kind: "tookOver"; readonly from: readonly string[] };

export interface MembershipListener {
  acquired(): void;
  lost(): Promise<void>;
  /** The addresses of all nodes there are. */
  nodes(addresses: ReadonlySet<string>): void;
  /** Others should look at the shards now. */
  changed(): void;
}

interface LeaseRow {
  readonly epoch: number;
  readonly address: string;
  readonly name: string;
}

const LEASE_MS = 4_000;
const RENEWALS = 4;

export class Membership {
  readonly #options: MembershipOptions;
  readonly #leaseMs: number;
  readonly #held = new Set<number>();
  #listener: MembershipListener | undefined;
  #owners: readonly (string | undefined)[] = [];
  #lease: Lease | undefined;
  #reapFrom = 0;
  #isStopped = false;
  #isLeaving = false;
  #ticking: Promise<void> | undefined;
  #running: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #isWoken = false;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? LEASE_MS;
  }

  owns(executionArn: string): boolean {
    return this.#held.has(shardOf(executionArn));
  }

  /** Where the owner is; `undefined` when nobody is known to be it, or this node is. */
  addressOf(executionArn: string): string | undefined {
    const address = this.#owners[shardOf(executionArn)];
    return address === this.#options.address ? undefined : address;
  }

  lease(): Lease {
    if (this.#lease === undefined) throw new NotOwned();
    return this.#lease;
  }

  shards(): readonly number[] {
    return [...this.#held];
  }

  refused(epoch: number): void {
    if (this.#lease?.epoch === epoch) this.look();
  }

  /** Joins the others; resolves after the first look at the shards. */
  async start(listener: MembershipListener): Promise<void> {
    this.#listener = listener;
    this.#ticking = this.#tick();
    await this.#ticking;
    this.#running = this.#run();
  }

  /** Looks at leases and shards now, not in a while. */
  look(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      await this.#pause();
      if (this.#isStopped) return;
      this.#ticking = this.#tick();
      await this.#ticking;
    }
  }

  async #pause(): Promise<void> {
    if (!this.#isWoken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#leaseMs / RENEWALS);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#wake = undefined;
    this.#isWoken = false;
  }

  async #tick(): Promise<void> {
    try {
      const begun = performance.now();
      if (!this.#isLeaving) await this.#renew();
      // A database that hung has kept the others from renewing theirs, too (N4).
      if (performance.now() - begun > this.#leaseMs / 2) this.#reapFrom = performance.now() + this.#leaseMs;
      const leases = await this.#leases();
      const shards = await this.#query<{ shard: number; epoch: number | null }>(
        "SELECT shard, epoch FROM shards ORDER BY shard",
      );
      this.#see(leases, shards);
      if (!this.#isLeaving) await this.#balance(leases, shards);
    } catch (error) {
      // Others may not have been able to renew either.
      this.#reapFrom = performance.now() + this.#leaseMs;
      this.#options.onProblem?.(error, "leases");
    }
  }

  #query<R extends object>(text: string, values: readonly (string | number | Buffer)[] = []): Promise<R[]> {
    return this.#options.database.leases.query<R>(text, values);
  }

  async #renew(): Promise<void> {
    if (this.#lease !== undefined) {
      const { epoch } = this.#lease;
      const rows = await this.#query(
        "UPDATE leases SET expires_at = now() + $2 * interval '1 millisecond' WHERE epoch = $1 RETURNING epoch",
        [epoch, this.#leaseMs],
      );
      if (rows.length === 1) return;
      await this.#fenced(epoch);
    }
    await this.#join();
  }

  /** Others have taken over: what is in memory is void, and this node begins anew. */
  async #fenced(epoch: number): Promise<void> {
    this.#lease = undefined;
    this.#held.clear();
    this.#options.onEvent?.({ kind: "fenced", epoch });
    await this.#listener?.lost();
  }

  async #join(): Promise<void> {
    const { name, address, version } = this.#options;
    for (let attempt = 1; this.#lease === undefined; attempt++) {
      try {
        const [row] = await this.#query<{ epoch: number; slot: number }>(
          `INSERT INTO leases (slot, name, address, version, expires_at)
           SELECT s.slot, $1, $2, $3, now() + $4 * interval '1 millisecond'
           FROM generate_series(0, ${SLOTS - 1}) AS s(slot)
           WHERE NOT EXISTS (SELECT 1 FROM leases l WHERE l.slot = s.slot) ORDER BY s.slot LIMIT 1
           RETURNING epoch, slot`,
          [name, address, version, this.#leaseMs],
        );
        if (row === undefined) throw new Error(`there are ${SLOTS} nodes already`);
        this.#lease = { epoch: row.epoch, slot: row.slot };
        this.#options.onEvent?.({ kind: "joined", epoch: row.epoch });
      } catch (error) {
        // Another one took the slot in the same moment.
        if (violatedConstraint(error) === undefined || attempt >= SLOTS) throw error;
      }
    }
  }

  async #leases(): Promise<LeaseRow[]> {
    if (!this.#isLeaving && performance.now() >= this.#reapFrom) {
      const gone = await this.#query<LeaseRow>(
        "DELETE FROM leases WHERE expires_at < now() AND epoch <> $1 RETURNING epoch, name, address",
        [this.lease().epoch],
      );
      if (gone.length > 0) this.#options.onEvent?.({ kind: "tookOver", from: gone.map(({ name }) => name) });
    }
    return this.#query("SELECT epoch, name, address FROM leases ORDER BY epoch");
  }

  #see(
    leases: readonly LeaseRow[],
    shards: readonly { readonly shard: number; readonly epoch: number | null }[],
  ): void {
    const addresses = new Map(leases.map(({ epoch, address }) => [epoch, address]));
    this.#owners = shards.map(({ epoch }) => (epoch === null ? undefined : addresses.get(epoch)));
    this.#listener?.nodes(new Set(addresses.values()));
  }

  async #balance(
    leases: readonly LeaseRow[],
    shards: readonly { readonly shard: number; readonly epoch: number | null }[],
  ): Promise<void> {
    const share = Math.ceil(SHARDS / Math.max(leases.length, 1));
    const excess = this.#held.size - share;
    if (excess > 0) return this.#release(excess);
    const alive = new Set(leases.map(({ epoch }) => epoch));
    const free = shards.filter(({ epoch }) => epoch === null || !alive.has(epoch)).map(({ shard }) => shard);
    if (excess < 0 && free.length > 0)
      await this.#claim(free.sort(() => Math.random() - 0.5).slice(0, -excess), [...alive]);
  }

  async #claim(shards: readonly number[], alive: readonly number[]): Promise<void> {
    const { epoch } = this.lease();
    const rows = await this.#query<{ shard: number }>(
      `UPDATE shards SET epoch = $1 WHERE shard = ANY($2::int[]) AND (epoch IS NULL OR NOT epoch = ANY($3::bigint[]))
       AND EXISTS (SELECT 1 FROM leases WHERE epoch = $1) RETURNING shard`,
      [epoch, arrayOf("int4", shards), arrayOf("int8", alive)],
    );
    if (rows.length === 0) return;
    for (const { shard } of rows) this.#held.add(shard);
    this.#owners = this.#owners.map((owner, shard) => (this.#held.has(shard) ? this.#options.address : owner));
    this.#options.onEvent?.({ kind: "acquired", shards: rows.length });
    this.#listener?.acquired();
    this.#listener?.changed();
  }

  async #release(count: number): Promise<void> {
    const given = [...this.#held].slice(0, count);
    for (const shard of given) this.#held.delete(shard);
    await this.#listener?.lost();
    await this.#query("UPDATE shards SET epoch = NULL WHERE shard = ANY($1::int[]) AND epoch = $2", [
      arrayOf("int4", given),
      this.lease().epoch,
    ]);
    this.#owners = this.#owners.map((owner, shard) => (given.includes(shard) ? undefined : owner));
    this.#options.onEvent?.({ kind: "released", shards: count });
    this.#listener?.changed();
  }

  /** Gives everything away: others may take over at once. It still knows where executions are. */
  async leave(): Promise<void> {
    this.#isLeaving = true;
    await this.#ticking;
    this.#held.clear();
    await this.#listener?.lost();
    const lease = this.#lease;
    this.#lease = undefined;
    if (lease === undefined) return;
    try {
      await this.#query("DELETE FROM leases WHERE epoch = $1", [lease.epoch]);
      this.#listener?.changed();
      this.look();
    } catch (error) {
      // It runs out by itself.
      this.#options.onProblem?.(error, "leases");
    }
  }

  async stop(): Promise<void> {
    if (!this.#isLeaving) await this.leave();
    this.#isStopped = true;
    this.look();
    await this.#running;
  }
}
