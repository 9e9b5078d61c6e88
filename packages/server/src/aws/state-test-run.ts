import {
  type StateTestProgress,
  type StateTestReport,
  type StateTestRequest,
  type StateTestSurroundings,
  testState,
} from "@stepwell/core";
import {
  type AskedStateTest,
  goOnWithTest,
  hereOrElsewhere,
  type LongWork,
  type StateTested,
  withoutFunctions,
} from "@stepwell/engine";

/** One test of a state, on this thread or, where its expressions take long, on others. */
export class StateTestRun {
  readonly #request: StateTestRequest;
  readonly #surroundings: StateTestSurroundings;
  readonly #long: LongWork | undefined;
  /** What waits here; used once. */
  #progress: StateTestProgress | undefined;

  constructor(request: StateTestRequest, surroundings: StateTestSurroundings, long: LongWork | undefined) {
    this.#request = request;
    this.#surroundings = surroundings;
    this.#long = long;
  }

  async begin(): Promise<StateTested> {
    return this.#perform(undefined, () => {
      this.#progress = testState(this.#request, this.#surroundings);
      return withoutFunctions(this.#progress);
    });
  }

  /** With what came of what it waited for; once. */
  async goOn(outcome: NonNullable<AskedStateTest["outcome"]>): Promise<StateTestReport> {
    const ended = await this.#perform(outcome, () => {
      const progress = this.#progress ?? testState(this.#request, this.#surroundings);
      this.#progress = undefined;
      return { kind: "ended", report: goOnWithTest(progress, outcome) };
    });
    if (ended.kind !== "ended") throw new Error(`a test that went on must end, and is ${ended.kind}`);
    return ended.report;
  }

  async #perform(outcome: AskedStateTest["outcome"], here: () => StateTested): Promise<StateTested> {
    if (this.#long === undefined) return here();
    const { mockResultProblem: _, ...surroundings } = this.#surroundings;
    const asked = { request: this.#request, surroundings, ...(outcome && { outcome }) };
    return hereOrElsewhere(this.#long, "stateTest", () => asked, here);
  }
}
