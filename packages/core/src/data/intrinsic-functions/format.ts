import { isJsonArray, type Json } from "../../json.ts";
import { IntrinsicFailure } from "./intrinsic-function.ts";

/** Ours, far above what a payload may hold: arguments that are used often must not fill the memory. */
const RESULT_CHARACTERS_MAX = 4_000_000;

/**
 * Cuts a template of States.Format at each `{}`. A backslash before one of the characters of `escapable` takes away that
 * character's meaning and is left out; before any other it is a backslash.
 */
export function splitTemplate(template: string, escapable: string): readonly string[] {
  const pieces: string[] = [];
  let piece = "";
  for (let at = 0; at < template.length; at++) {
    const character = template[at]!;
    const next = template[at + 1] ?? "";
    if (character === "\\" && next !== "" && escapable.includes(next)) {
      piece += next;
      at++;
    } else if (character === "{" && next === "}") {
      pieces.push(piece);
      piece = "";
      at++;
    } else piece += character;
  }
  pieces.push(piece);
  return pieces;
}

/** Puts the values between the pieces. There must be one value fewer than pieces. */
export function formatTemplate(pieces: readonly string[], values: readonly Json[]): string {
  if (values.length !== pieces.length - 1) {
    throw IntrinsicFailure.of(
      "Format",
      `the template has ${pieces.length - 1} '{}', but ${values.length} values follow it`,
    );
  }
  let text = pieces[0]!;
  values.forEach((value, index) => {
    text += javaText(value) + pieces[index + 1]!;
    if (text.length > RESULT_CHARACTERS_MAX) {
      throw IntrinsicFailure.of("Format", `the result must have at most ${RESULT_CHARACTERS_MAX} characters`);
    }
  });
  return text;
}

/** A value as Java's `toString` spells it: `{Id=1, Tags=[a, b]}`. Recorded-behaviour.md, fact 32. */
export function javaText(value: Json): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return javaNumber(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (isJsonArray(value)) return `[${value.map(javaText).join(", ")}]`;
  const members = Object.keys(value).map((key) => `${key}=${javaText(value[key] as Json)}`);
  return `{${members.join(", ")}}`;
}

/** Whole numbers are Java's int, long or BigInteger; others a double, which `Double.toString` spells. */
function javaNumber(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e21) return String(value);
  if (size >= 1e-3 && size < 1e7) return String(value);
  const [mantissa, exponent] = value.toExponential().split("e") as [string, string];
  return `${mantissa.includes(".") ? mantissa : `${mantissa}.0`}E${exponent.replace("+", "")}`;
}
