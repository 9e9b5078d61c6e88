import type { ExecutionStore } from "@stepwell/engine";
import { MemoryExecutionStore } from "@stepwell/engine/testing";
import { openDatabase, openExecutionStore } from "@stepwell/runtime-embedded";
import { type FaultRates, NO_FAULTS } from "./faulty-store.ts";
import { SimulatedWorld } from "./simulated-world.ts";

/** How a run went; the same for the same seed. */
export interface Report {
  readonly seed: number;
  readonly executions: number;
  readonly events: number;
  readonly crashes: number;
  readonly decidedElsewhere: number;
  readonly problems: number;
}

const STEPS = 300;
const LAST_STEPS_MAX = 20_000;

/** Runs one seed. Throws what went wrong, with the seed and how to see it again. */
export async function simulate(seed: number): Promise<Report> {
  const { store, close } = storeOf(seed);
  const world = new SimulatedWorld(seed, store);
  try {
    await run(world);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const replay = `STEPWELL_SIMULATION_SEED=${seed} npx vitest run --project simulation`;
    throw new Error(`seed ${seed}: ${message}\nsee it again: ${replay}`, { cause: error });
  } finally {
    close();
  }
  let events = 0;
  for (const execution of world.checkers.executions.values()) events += execution.events.length;
  return {
    seed,
    executions: world.started.size,
    events,
    crashes: world.crashes,
    decidedElsewhere: world.decidedElsewhere,
    problems: world.problems.length,
  };
}

/** Odd seeds run on SQLite, even ones on the store in memory. */
function storeOf(seed: number): { store: ExecutionStore; close(): void } {
  if (seed % 2 === 0) return { store: new MemoryExecutionStore(), close: () => undefined };
  const database = openDatabase({ dataDir: ":memory:" });
  return { store: openExecutionStore(database), close: () => database.close() };
}

async function run(world: SimulatedWorld): Promise<void> {
  const { chance } = world;
  await world.begin();
  // Some seeds have a quiet life, some a hard one.
  const level = chance.pick([0, 0.01, 0.05]);
  const faults: FaultRates = {
    crashBeforeCommit: level,
    crashAfterCommit: level,
    unavailableBefore: level,
    unavailableAfter: level,
    conflict: level,
    unavailableRead: level,
  };
  for (let step = 0; step < STEPS; step++) {
    world.faults = chance.chance(0.7) ? faults : NO_FAULTS;
    await act(world);
    await rest(world);
  }
  world.faults = NO_FAULTS;
  for (let step = 0; world.unfinished().length > 0; step++) {
    if (step > LAST_STEPS_MAX) throw new Error(`still running: ${world.unfinished().slice(0, 3).join(", ")}`);
    if (!world.clock.advance()) throw new Error(`waits for ever: ${world.unfinished().slice(0, 3).join(", ")}`);
    await rest(world);
  }
  for (let step = 0; world.strayJobs().length > 0 || (await world.jobsToStop()) > 0; step++) {
    const strays = world.strayJobs().slice(0, 3).join(", ");
    if (step > LAST_STEPS_MAX || !world.clock.advance()) throw new Error(`jobs of ended executions run on: ${strays}`);
    await rest(world);
  }
  await world.checkEnds();
}

async function act(world: SimulatedWorld): Promise<void> {
  const { chance, clock } = world;
  const dice = chance.random();
  if (dice < 0.2) {
    for (let i = chance.below(4); i >= 0; i--) world.start();
  } else if (dice < 0.22) world.stop();
  else if (dice < 0.23) world.redrive();
  else if (dice < 0.24) await world.reboot();
  else if (dice < 0.26) clock.advanceTo(clock.now() + chance.below(120_000));
  else if (dice < 0.28) clock.advanceTo(clock.now() - chance.below(30_000));
  else clock.advance();
}

async function rest(world: SimulatedWorld): Promise<void> {
  await world.settle();
  while (world.isDown) await world.reboot();
  if (world.violation !== undefined) throw world.violation;
  if (world.chance.chance(0.1)) {
    await world.checkAtRest();
    await world.settle();
  }
}
