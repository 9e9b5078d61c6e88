/**
 * Tells whoever watches what is committed, here and in the other processes of a cluster. Nothing is put together, kept or
 * sent while nobody listens.
 *
 * F1. A listener is told `missed` first, when everything after that is told; and whenever something may not have been.
 * F2. Beginnings and ends of one execution are told in their order, whoever committed them: an older one that comes late,
 *     from the process that had the execution before, is left out.
 */
import type { Cluster, Hearing } from "../ports/cluster.ts";
import {
  type ChangesWanted,
  type ExecutionChange,
  executionChange,
  laterChange,
  topicOf,
  topicsOf,
} from "./execution-change.ts";
import type { LiveExecution } from "./live-execution.ts";
import type { Consequences } from "./uncommitted.ts";

/** Neither may throw. */
export interface ChangeListener {
  changed(change: ExecutionChange): void;
  /** Something may not have been told: what is known is to be asked for again. */
  missed(): void;
}

/** Executions whose newest change is remembered. */
const LATEST_MAX = 10_000;
const HEARD_HERE: Hearing = { ready: Promise.resolve(), stop: () => undefined };

interface Topic {
  readonly listeners: Set<ChangeListener>;
  readonly hearing: Hearing;
}

type Told = Pick<LiveExecution, "start" | "redriveCount" | "lastEventId">;

export class ChangeFeed {
  readonly #cluster: Pick<Cluster, "hear"> | undefined;
  readonly #topics = new Map<string, Topic>();
  /** What other processes asked to be told. */
  readonly #elsewhere = new Map<string, Set<(change: ExecutionChange) => void>>();
  readonly #latest = new Map<string, number>();

  constructor(cluster: Pick<Cluster, "hear"> | undefined) {
    this.#cluster = cluster;
  }

  listen(wanted: ChangesWanted, listener: ChangeListener): () => void {
    const name = topicOf(wanted);
    const topic = this.#topics.get(name) ?? this.#open(name);
    topic.listeners.add(listener);
    void topic.hearing.ready.then(() => {
      if (topic.listeners.has(listener)) listener.missed();
    });
    return () => {
      if (!topic.listeners.delete(listener) || topic.listeners.size > 0) return;
      this.#topics.delete(name);
      topic.hearing.stop();
      if (this.#topics.size === 0) this.#latest.clear();
    };
  }

  #open(name: string): Topic {
    const topic = { listeners: new Set<ChangeListener>(), hearing: this.#cluster?.hear(name) ?? HEARD_HERE };
    this.#topics.set(name, topic);
    return topic;
  }

  /** Right after a commit. */
  committed(live: Told, consequences: Pick<Consequences, "started" | "redriven" | "end">): void {
    if (this.#topics.size === 0 && this.#elsewhere.size === 0) return;
    const turned = consequences.started || consequences.redriven || consequences.end !== undefined;
    const topics = topicsOf({ ...live.start, turned });
    if (!topics.some((topic) => this.#topics.has(topic) || this.#elsewhere.has(topic))) return;
    const change = executionChange(live, consequences, turned);
    this.#tell(change, topics);
    for (const topic of topics) for (const tell of this.#elsewhere.get(topic) ?? []) tell(change);
  }

  /** What another process committed. */
  heard(change: ExecutionChange): void {
    this.#tell(change, topicsOf(change));
  }

  #tell(change: ExecutionChange, topics: readonly string[]): void {
    if (this.#topics.size === 0 || this.#isLate(change)) return;
    for (const topic of topics)
      for (const listener of this.#topics.get(topic)?.listeners ?? []) listener.changed(change);
  }

  #isLate({ executionArn, lastEventId, turned }: ExecutionChange): boolean {
    // One that is only looked at again, whatever it says.
    if (!turned) return false;
    const latest = this.#latest.get(executionArn);
    if (latest !== undefined && lastEventId < latest) return true;
    this.#latest.delete(executionArn);
    this.#latest.set(executionArn, lastEventId);
    const [oldest] = this.#latest.keys();
    if (this.#latest.size > LATEST_MAX && oldest !== undefined) this.#latest.delete(oldest);
    return false;
  }

  /** Something another process committed may not have been heard. */
  missed(): void {
    for (const { listeners } of this.#topics.values()) for (const listener of listeners) listener.missed();
  }

  /** Another process wants to be told of a topic, until the answer is called. */
  tellOf(topic: string, tell: (change: ExecutionChange) => void): () => void {
    const tellers = this.#elsewhere.get(topic) ?? new Set();
    this.#elsewhere.set(topic, tellers.add(tell));
    return () => {
      if (tellers.delete(tell) && tellers.size === 0) this.#elsewhere.delete(topic);
    };
  }
}

/** Changes on their way to one listener that is told in groups: the later of one execution takes the place of the earlier. */
export class GatheredChanges {
  readonly #changes = new Map<string, ExecutionChange>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#changes.size;
  }

  /** False when the one that was gathered first had to go. */
  add(change: ExecutionChange): boolean {
    const { executionArn } = change;
    const before = this.#changes.get(executionArn);
    this.#changes.delete(executionArn);
    this.#changes.set(executionArn, before === undefined ? change : laterChange(before, change));
    const [oldest] = this.#changes.keys();
    if (this.#changes.size <= this.#max || oldest === undefined) return true;
    this.#changes.delete(oldest);
    return false;
  }

  /** Oldest first. */
  take(): ExecutionChange[] {
    const all = [...this.#changes.values()];
    this.#changes.clear();
    return all;
  }
}
