/** A store of which everything the port allows may go wrong, and a process that may die at any commit. */
import { CommitConflict, type ExecutionCommit, type ExecutionStore, StoreUnavailable } from "@stepwell/engine";
import type { SeededIds } from "@stepwell/engine/testing";

/** How often what goes wrong; probabilities of one call. */
export interface FaultRates {
  readonly crashBeforeCommit: number;
  readonly crashAfterCommit: number;
  readonly unavailableBefore: number;
  readonly unavailableAfter: number;
  readonly conflict: number;
  readonly unavailableRead: number;
}

export const NO_FAULTS: FaultRates = {
  crashBeforeCommit: 0,
  crashAfterCommit: 0,
  unavailableBefore: 0,
  unavailableAfter: 0,
  conflict: 0,
  unavailableRead: 0,
};

/** One process's life: when it is over, nothing it had under way gets any further. */
export class Life {
  isOver = false;

  end(): void {
    this.isOver = true;
  }
}

export interface FaultyStoreOptions {
  readonly store: ExecutionStore;
  readonly life: Life;
  readonly chance: SeededIds;
  rates(): FaultRates;
  /** Sees each commit right after it was written, whoever learns of it. */
  committed(batch: readonly ExecutionCommit[]): void;
}

/** The store as one process sees it. */
export function faultyStore(options: FaultyStoreOptions): ExecutionStore {
  return new Proxy(options.store, {
    get(store, member): unknown {
      const method: unknown = Reflect.get(store, member);
      if (typeof method !== "function") return method;
      return (...parameters: unknown[]): Promise<unknown> => {
        const call = (): Promise<unknown> => method.apply(store, parameters) as Promise<unknown>;
        return member === "commit" ? commit(options, parameters[0] as ExecutionCommit[], call) : read(options, call);
      };
    },
  });
}

async function commit(
  { life, chance, rates, committed }: FaultyStoreOptions,
  batch: readonly ExecutionCommit[],
  call: () => Promise<unknown>,
): Promise<unknown> {
  const rate = rates();
  if (life.isOver) return never();
  if (chance.chance(rate.crashBeforeCommit)) life.end();
  if (life.isOver) return never();
  if (chance.chance(rate.unavailableBefore)) throw new StoreUnavailable("simulated: away before the commit");
  if (chance.chance(rate.conflict)) throw new CommitConflict([chance.pick(batch).executionArn]);
  const keys = await call();
  committed(batch);
  if (chance.chance(rate.crashAfterCommit)) life.end();
  if (life.isOver) return never();
  if (chance.chance(rate.unavailableAfter)) throw new StoreUnavailable("simulated: the answer to a commit was lost");
  return keys;
}

async function read({ life, chance, rates }: FaultyStoreOptions, call: () => Promise<unknown>): Promise<unknown> {
  if (life.isOver) return never();
  if (chance.chance(rates().unavailableRead)) throw new StoreUnavailable("simulated: away");
  const answer = await call();
  return life.isOver ? never() : answer;
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
