import type { Duration } from "../duration.ts";
import type { Fields } from "../fields/field-utils.ts";
import { renderPath } from "../fields/json-path.ts";

/** How long a task may take, or be silent. */
export class Timeout {
  static duration(duration: Duration): Timeout {
    return new Timeout({ seconds: duration.toSeconds() });
  }
  static jsonata(expression: string): Timeout {
    return new Timeout({ jsonataExpression: expression });
  }
  /** path: to a number of seconds. */
  static at(path: string): Timeout {
    return new Timeout({ path });
  }

  readonly seconds: number | undefined;
  readonly jsonataExpression: string | undefined;
  readonly path: string | undefined;

  private constructor(kind: { seconds?: number; jsonataExpression?: string; path?: string }) {
    this.seconds = kind.seconds;
    this.jsonataExpression = kind.jsonataExpression;
    this.path = kind.path;
  }

  /** `<name>Seconds` or `<name>SecondsPath`. */
  render(name: "Timeout" | "Heartbeat"): Fields {
    return {
      [`${name}Seconds`]: this.seconds ?? this.jsonataExpression,
      [`${name}SecondsPath`]: renderPath(this.path),
    };
  }
}
