import { isReference, pathOf } from "./fields/reference.ts";
import { Misuse } from "./misuse.ts";

const MILLISECONDS = { milliseconds: 1, seconds: 1_000, minutes: 60_000, hours: 3_600_000, days: 86_400_000 } as const;
type Unit = keyof typeof MILLISECONDS;

/** A length of time. An amount may be a reference (`JsonPath.numberAt`), which then keeps its unit. */
export class Duration {
  static millis(amount: number): Duration {
    return new Duration(amount, "milliseconds");
  }
  static seconds(amount: number): Duration {
    return new Duration(amount, "seconds");
  }
  static minutes(amount: number): Duration {
    return new Duration(amount, "minutes");
  }
  static hours(amount: number): Duration {
    return new Duration(amount, "hours");
  }
  static days(amount: number): Duration {
    return new Duration(amount, "days");
  }
  /** `PT1H30M` and the like: days, hours, minutes, seconds. */
  static parse(text: string): Duration {
    const match = /^PT?(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/.exec(text);
    if (match === null || match.slice(1).every((part) => part === undefined)) {
      throw new Misuse("Duration", `Not a valid ISO duration: ${text}`);
    }
    const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
    return Duration.seconds((((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0));
  }

  readonly #amount: number;
  readonly #unit: Unit;

  private constructor(amount: number, unit: Unit) {
    if (!isReference(amount) && !(amount >= 0)) {
      throw new Misuse("Duration", `Duration amounts cannot be negative. Received: ${amount}`);
    }
    this.#amount = amount;
    this.#unit = unit;
  }

  toMilliseconds(options?: TimeConversionOptions): number {
    return this.#in("milliseconds", options);
  }
  toSeconds(options?: TimeConversionOptions): number {
    return this.#in("seconds", options);
  }
  toMinutes(options?: TimeConversionOptions): number {
    return this.#in("minutes", options);
  }
  toHours(options?: TimeConversionOptions): number {
    return this.#in("hours", options);
  }
  toDays(options?: TimeConversionOptions): number {
    return this.#in("days", options);
  }
  plus(other: Duration): Duration {
    return Duration.millis(this.toMilliseconds() + other.toMilliseconds());
  }
  /** The amount is known only at run time. */
  isUnresolved(): boolean {
    return isReference(this.#amount);
  }

  #in(unit: Unit, { integral = true }: TimeConversionOptions = {}): number {
    if (unit === this.#unit) return this.#amount;
    if (isReference(this.#amount)) {
      const asked = `Duration.${this.#unit}(${pathOf(this.#amount)})`;
      throw new Misuse("Duration", `${asked} must be specified as 'Duration.${unit}()' here`);
    }
    const amount = (this.#amount * MILLISECONDS[this.#unit]) / MILLISECONDS[unit];
    if (integral && !Number.isInteger(amount)) {
      throw new Misuse(
        "Duration",
        `'${this.#amount} ${this.#unit}' cannot be converted into a whole number of ${unit}`,
      );
    }
    return amount;
  }
}

/** integral: refuse a part of a unit; true unless said otherwise. */
export interface TimeConversionOptions {
  readonly integral?: boolean;
}
