import { UsageError } from "../usage-error.ts";

/** One thing that keeps a deployment from being made. */
export interface DeployProblem {
  /** `cdk.out/Orders.template.json:12:5`, or the file alone. */
  readonly place: string;
  /** JSON Pointer of the value; empty for the whole file. */
  readonly pointer: string;
  readonly message: string;
}

/** Collects what is wrong, so that all of it is said at once and before the first change. */
export class Problems {
  readonly #list: DeployProblem[] = [];

  get list(): readonly DeployProblem[] {
    return this.#list;
  }

  add(place: string, pointer: string, message: string): void {
    const known = this.#list.some((other) => other.place === place && other.message === message);
    if (!known && this.#list.length < PROBLEMS_MAX) this.#list.push({ place, pointer, message });
  }

  /** Throws DeployError when there is anything. */
  check(): void {
    if (this.#list.length > 0) throw new DeployError(this.#list);
  }
}

/** Nobody reads more; what is mended first makes most of the rest go away. */
const PROBLEMS_MAX = 200;

/** Nothing was changed: these are why. */
class DeployError extends UsageError {
  readonly problems: readonly DeployProblem[];

  constructor(problems: readonly DeployProblem[]) {
    super(
      [
        `nothing is deployed: ${problems.length === 1 ? "a problem" : `${problems.length} problems`}`,
        ...problems.map(({ place, pointer, message }) => `  ${[place, pointer, message].filter(Boolean).join(": ")}`),
      ].join("\n"),
    );
    this.problems = problems;
  }
}

/** A value in a message, shortened. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX)}…`;
}

const SHOWN_MAX = 100;
