/** Variables in scope while an expression is evaluated: JSONata's environment, without its prototype traps. */

type Members = Readonly<Record<string, unknown>>;

export class Frame {
  /** The time of the evaluation; `$toMillis` fills missing parts of a picture from it. */
  readonly timestamp: Date | undefined;
  readonly #enclosing: Frame | undefined;
  readonly #members: Members | undefined;
  #bindings: Map<string, unknown> | undefined;

  /** `members` are variables too, below those that are bound here; they are read only. */
  constructor(enclosing?: Frame, members?: Members, timestamp?: Date) {
    this.#enclosing = enclosing;
    this.#members = members;
    this.timestamp = timestamp ?? enclosing?.timestamp;
  }

  bind(name: string, value: unknown): void {
    this.#bindings ??= new Map();
    this.#bindings.set(name, value);
  }

  lookup(name: string): unknown {
    for (let frame: Frame | undefined = this; frame !== undefined; frame = frame.#enclosing) {
      const value = frame.#bindings?.get(name);
      if (value !== undefined || frame.#bindings?.has(name)) return value;
      if (frame.#members !== undefined && Object.hasOwn(frame.#members, name)) return frame.#members[name];
    }
    return undefined;
  }
}
