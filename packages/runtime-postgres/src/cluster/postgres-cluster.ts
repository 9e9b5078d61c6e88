/** The Cluster port: membership by leases in PostgreSQL, questions from node to node by HTTP. */
import type { Cluster, ClusterNode, Hearing, PeerCall } from "@stepwell/engine";
import { NotOwned } from "@stepwell/engine";
import type { Membership, MembershipListener } from "./membership.ts";
import type { TellOf } from "./news-teller.ts";
import { PeerClient } from "./peer-client.ts";
import { PeerNews } from "./peer-news.ts";
import type { PeerWire } from "./peer-wire.ts";

/** Said by nodes to each other, not by their engines: shards or leases have changed. */
const LOOK = "cluster.look";
const TOLD_MS = 5;

export class PostgresCluster implements Cluster {
  readonly #membership: Membership;
  readonly #peers: PeerClient;
  readonly #news: PeerNews;
  #others: ReadonlySet<string> = new Set();
  readonly #ownAddress: string;
  #node: ClusterNode | undefined;
  readonly #toTell = new Map<string, PeerCall>();

  readonly #wire: PeerWire;
  readonly #onProblem: (problem: unknown, about: string) => void;

  constructor(
    membership: Membership,
    ownAddress: string,
    wire: PeerWire,
    onProblem: (problem: unknown, about: string) => void,
  ) {
    this.#membership = membership;
    this.#ownAddress = ownAddress;
    this.#wire = wire;
    this.#onProblem = onProblem;
    this.#peers = new PeerClient(wire);
    this.#news = new PeerNews({
      request: (address, path) =>
        wire.problemOf(address) === undefined ? wire.request(address, path, { ownConnection: true }) : undefined,
      heard: (change) => this.#node?.heard(change),
      missed: () => this.#node?.missed(),
    });
  }

  /** Where the other nodes that live are reached. */
  get others(): ReadonlySet<string> {
    return this.#others;
  }

  owns(executionArn: string): boolean {
    return this.#membership.owns(executionArn);
  }

  async ask(executionArn: string, call: PeerCall): Promise<unknown> {
    const address = this.#membership.addressOf(executionArn);
    if (address === undefined) throw new NotOwned(executionArn);
    return this.#askAt(address, call);
  }

  async #askAt(address: string, call: PeerCall): Promise<unknown> {
    try {
      return await this.#peers.ask(address, call);
    } catch (error) {
      // Somebody else owns it now, or the node is gone.
      if (error instanceof NotOwned) this.#membership.look();
      throw error;
    }
  }

  askOther(address: string, call: PeerCall): Promise<unknown> {
    return this.#askAt(address, call);
  }

  tell(call: PeerCall): void {
    if (this.#others.size === 0) return;
    const key = JSON.stringify(call);
    if (this.#toTell.size === 0) setTimeout(() => this.#tellNow(), TOLD_MS).unref();
    this.#toTell.set(key, call);
  }

  #tellNow(): void {
    const calls = [...this.#toTell.values()];
    this.#toTell.clear();
    // Whoever does not hear it finds out by itself.
    for (const address of this.#others) for (const call of calls) this.#peers.ask(address, call).catch(() => undefined);
  }

  hear(topic: string): Hearing {
    return this.#news.hear(topic);
  }

  /** Another node hears. */
  readonly tellOf: TellOf = (topic, tell) => this.#node?.tellOf(topic, tell) ?? (() => undefined);

  leave(): Promise<void> {
    return this.#membership.leave();
  }

  attach(node: ClusterNode): void {
    this.#node = node;
  }

  /** What another node asks. */
  async answer(call: PeerCall): Promise<unknown> {
    if (call.method === LOOK) {
      this.#membership.look();
      return undefined;
    }
    if (this.#node === undefined) throw new NotOwned();
    return this.#node.answer(call);
  }

  get listener(): MembershipListener {
    return {
      acquired: () => this.#node?.acquired(),
      lost: async () => this.#node?.lost(),
      changed: () => this.tell({ method: LOOK, args: [] }),
      nodes: (addresses) => {
        this.#seeOthers(new Set([...addresses].filter((address) => address !== this.#ownAddress)));
        this.#peers.keepOnly(addresses);
        this.#news.nodes(this.#others);
      },
    };
  }

  #seeOthers(others: ReadonlySet<string>): void {
    for (const address of others) {
      const problem = this.#others.has(address) ? undefined : this.#wire.problemOf(address);
      if (problem !== undefined) this.#onProblem(new Error(problem), "peers.tls");
    }
    this.#others = others;
  }

  close(): void {
    this.#news.close();
    this.#peers.close();
    this.#wire.close();
  }
}
