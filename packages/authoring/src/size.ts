import { isReference } from "./fields/reference.ts";
import { Misuse } from "./misuse.ts";

const KIBIBYTES = { kibibytes: 1, mebibytes: 2 ** 10, gibibytes: 2 ** 20, tebibytes: 2 ** 30 } as const;
type Unit = keyof typeof KIBIBYTES;

/** An amount of memory or disk. An amount may be a reference, which then keeps its unit. */
export class Size {
  static kibibytes(amount: number): Size {
    return new Size(amount, "kibibytes");
  }
  static mebibytes(amount: number): Size {
    return new Size(amount, "mebibytes");
  }
  static gibibytes(amount: number): Size {
    return new Size(amount, "gibibytes");
  }
  static tebibytes(amount: number): Size {
    return new Size(amount, "tebibytes");
  }

  readonly #amount: number;
  readonly #unit: Unit;

  private constructor(amount: number, unit: Unit) {
    if (!isReference(amount) && !(amount >= 0)) {
      throw new Misuse("Size", `Storage amounts cannot be negative. Received: ${amount}`);
    }
    this.#amount = amount;
    this.#unit = unit;
  }

  toKibibytes(): number {
    return this.#in("kibibytes");
  }
  toMebibytes(): number {
    return this.#in("mebibytes");
  }
  toGibibytes(): number {
    return this.#in("gibibytes");
  }

  #in(unit: Unit): number {
    if (unit === this.#unit) return this.#amount;
    if (isReference(this.#amount)) throw new Misuse("Size", `a reference must be given in ${unit} here`);
    const amount = (this.#amount * KIBIBYTES[this.#unit]) / KIBIBYTES[unit];
    if (!Number.isInteger(amount)) {
      throw new Misuse("Size", `'${this.#amount} ${this.#unit}' cannot be converted into a whole number of ${unit}`);
    }
    return amount;
  }
}
