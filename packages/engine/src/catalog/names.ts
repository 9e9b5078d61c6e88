import { Rejection } from "../rejection.ts";

/**
 * What a name of a state machine, execution or activity must not contain: white space, brackets, wildcards, the special
 * characters, control characters, surrogates and non-characters. API reference, "CreateStateMachine", parameter name.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f\ud800-\udfff\ufffe\uffff]/;

/** The longest name of a state machine, version alias, execution or activity, in UTF-16 units. */
export const NAME_LENGTH_MAX = 80;

export function isValidName(name: string): boolean {
  return name.length >= 1 && name.length <= NAME_LENGTH_MAX && !FORBIDDEN.test(name);
}

/** Throws InvalidName in AWS's words. */
export function checkName(name: string): void {
  if (!isValidName(name)) throw new Rejection("InvalidName", `Invalid Name: '${name}'`);
}
