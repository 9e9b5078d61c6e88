/**
 * Several processes on one store, each deciding on its share of the executions. Absent: this process decides on all.
 *
 * C1. Ownership is a hint about who should decide; what may be committed, the store decides. A process that no longer
 *     owns an execution cannot commit anything of it: `ExecutionStore.commit` and `MapRunStore.commit` reject `NotOwned`.
 * C2. A question to the owner may get lost, or be answered twice. Nothing that must not get lost depends on one.
 */
import type { ExecutionChange } from "../executions/execution-change.ts";

/** A question to the process that owns an execution: JSON values, since they travel. */
export interface PeerCall {
  readonly method: string;
  readonly args: readonly unknown[];
}

export interface Cluster {
  /** Whether this process decides on the execution now. Quick: asked for everything that happens. */
  owns(executionArn: string): boolean;
  /**
   * Asks the owner. Rejects with what it rejects with (`Rejection`, `StoreUnavailable`), with `NotOwned` when nobody is
   * known to own it or the one asked did not do anything, and with `StoreUnavailable` when it is unknown what was done.
   */
  ask(executionArn: string, call: PeerCall): Promise<unknown>;
  /** The other processes that there are, by names that `askOther` knows. */
  readonly others: ReadonlySet<string>;
  /** Asks one of them, whatever it owns. Rejects as `ask` does. */
  askOther(process: string, call: PeerCall): Promise<unknown>;
  /** Tells all other processes. May get lost. */
  tell(call: PeerCall): void;
  /**
   * Asks all other processes, also those to come, to tell what they commit of a topic, until it is stopped: the node is told
   * (`ClusterNode.heard`). While nothing is heard it costs nothing.
   */
  hear(topic: string): Hearing;
  /** Gives all executions to other processes and takes no more; resolves when they may take over. */
  leave(): Promise<void>;
  /** Called once, by the engine. */
  attach(node: ClusterNode): void;
}

export interface Hearing {
  /** Resolves, within a bounded time, when the others tell. */
  readonly ready: Promise<void>;
  stop(): void;
}

/** The engine as the cluster sees it. */
export interface ClusterNode {
  /** Something another process asked, or told. */
  answer(call: PeerCall): Promise<unknown>;
  /** Another process committed this. */
  heard(change: ExecutionChange): void;
  /** Another process may have committed something that was asked for and not heard. */
  missed(): void;
  /** Another process hears a topic: `tell` is called after each commit of it, until the answer is called. */
  tellOf(topic: string, tell: (change: ExecutionChange) => void): () => void;
  /** Executions came to this process: what they wait for is to be taken up. */
  acquired(): void;
  /**
   * Executions went from this process (`owns` says which). Resolves when none of them is being committed any more and
   * nothing of them is in memory.
   */
  lost(): Promise<void>;
}

/** This process does not decide on an execution (any more): nothing was done. */
export class NotOwned extends Error {
  override readonly name = "NotOwned";
  /** Absent: of no execution at all. */
  readonly executionArn: string | undefined;

  constructor(executionArn?: string) {
    super(
      executionArn === undefined ? "this process may decide on nothing" : `another process decides on ${executionArn}`,
    );
    this.executionArn = executionArn;
  }
}
