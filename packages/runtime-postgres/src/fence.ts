/** Fixed for ever: an execution's shard is stored with it. */
export const SHARDS = 128;

/** The shard of an execution: all nodes of all releases agree on it. FNV-1a over UTF-16 units, then mixed. */
export function shardOf(executionArn: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < executionArn.length; i++) hash = Math.imul(hash ^ executionArn.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % SHARDS;
}

/** The right to commit, as a node has it. */
export interface Lease {
  /** Of one lease only, ever. Every commit holds it against the database, inside its own transaction. */
  readonly epoch: number;
  /** A small number that no other living lease has. */
  readonly slot: number;
}

/** What this node may commit, now. */
export interface Fence {
  /** Throws `NotOwned` when there is no lease. */
  lease(): Lease;
  /** The database says that this lease is over. */
  refused(epoch: number): void;
  /** Shards whose executions are this node's. */
  shards(): readonly number[];
}
