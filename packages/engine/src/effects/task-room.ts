/**
 * How many tasks wait in memory for their call, by whom they call (a lane: a host, a function, a service).
 *
 * R1. No lane holds more than its share: who is slow leaves room to the others. The rest of its tasks stands in the store.
 * R2. All together hold no more than `tasksMax`, but for a few of each lane: a lane that nobody waits in is never shut.
 */
import type { Connector } from "../ports/connector.ts";

/** The share of one lane, of all the room. */
const LANE_SHARE = 1 / 4;
/** What a lane may hold when all the room is taken. */
const LEAST_SHARE = 1 / 64;

interface LaneRoom {
  readonly connector: Connector;
  readonly name: string;
  waiting: number;
  /** The round of the scan in which it last left something out; absent when it has not. */
  leftOutIn?: number;
}

export class TaskRoom {
  readonly #tasksMax: number;
  readonly #laneMax: number;
  readonly #laneLeast: number;
  readonly #roomAgain: () => void;
  readonly #lanes = new Map<Connector, Map<string, LaneRoom>>();
  readonly #leftOut = new Set<LaneRoom>();
  #waiting = 0;
  #wasFull = false;
  #round = 1;

  /** `roomAgain` is called when tasks that were left out may be fetched. */
  constructor(tasksMax: number, roomAgain: () => void) {
    this.#tasksMax = tasksMax;
    this.#laneMax = Math.max(1, Math.floor(tasksMax * LANE_SHARE));
    this.#laneLeast = Math.max(1, Math.floor(tasksMax * LEAST_SHARE));
    this.#roomAgain = roomAgain;
  }

  /** For tasks of anybody. */
  get hasRoom(): boolean {
    return this.#waiting < this.#tasksMax;
  }

  /** A lane that left something out has room again. */
  get isHungry(): boolean {
    for (const lane of this.#leftOut) if (this.#isHalfEmpty(lane)) return true;
    return false;
  }

  #isHalfEmpty({ waiting }: LaneRoom): boolean {
    return waiting <= (this.hasRoom ? this.#laneMax : this.#laneLeast) / 2;
  }

  /** False when there is no room: then the task stays in the store. What must not be left out always has room. */
  enter(connector: Connector, name: string | undefined, mustEnter: boolean): boolean {
    const lane = this.#laneOf(connector, name ?? "");
    const mayHold = this.hasRoom ? this.#laneMax : this.#laneLeast;
    if (!mustEnter && lane.waiting >= mayHold) {
      lane.leftOutIn = this.#round;
      this.#leftOut.add(lane);
      return false;
    }
    lane.waiting += 1;
    this.#waiting += 1;
    if (!this.hasRoom) this.#wasFull = true;
    return true;
  }

  /** The task has its turn, or was cancelled. */
  leave(connector: Connector, name: string | undefined): void {
    const lane = this.#laneOf(connector, name ?? "");
    lane.waiting -= 1;
    this.#waiting -= 1;
    const isRoomAgain = this.#wasFull && this.#waiting <= this.#tasksMax / 2;
    if (isRoomAgain) this.#wasFull = false;
    if (isRoomAgain || (lane.leftOutIn !== undefined && this.#isHalfEmpty(lane))) this.#roomAgain();
    this.#tidy(lane);
  }

  /** Everything in the store has been looked at once more: what left nothing out meanwhile has nothing there. */
  roundEnded(): void {
    for (const lane of this.#leftOut) {
      if (lane.leftOutIn === this.#round) continue;
      delete lane.leftOutIn;
      this.#leftOut.delete(lane);
      this.#tidy(lane);
    }
    this.#round += 1;
  }

  #laneOf(connector: Connector, name: string): LaneRoom {
    let lanes = this.#lanes.get(connector);
    if (lanes === undefined) {
      lanes = new Map();
      this.#lanes.set(connector, lanes);
    }
    let lane = lanes.get(name);
    if (lane === undefined) {
      lane = { connector, name, waiting: 0 };
      lanes.set(name, lane);
    }
    return lane;
  }

  /** There may be as many lanes as hosts that workflows call. */
  #tidy(lane: LaneRoom): void {
    if (lane.waiting > 0 || lane.leftOutIn !== undefined) return;
    const lanes = this.#lanes.get(lane.connector);
    if (lanes?.get(lane.name) === lane) lanes.delete(lane.name);
    if (lanes?.size === 0) this.#lanes.delete(lane.connector);
  }
}
