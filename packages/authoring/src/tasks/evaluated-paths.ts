/** What the evaluated expressions of a task call a path: `$.a_b`, `$.c-d`, `$[0].e`. */
export const EVALUATED_PATH: RegExp = /\$[.[][.a-zA-Z[\]0-9_-]+/g;

/** Where a character of JavaScript stands. A template may hold code again, and that a template. */
type Context = "code" | "single" | "double" | "template" | "regex";

interface Frame {
  readonly context: Context;
  /** Braces opened in code that are not closed yet. */
  braces: number;
}

const CLOSING: ReadonlyMap<Context, string> = new Map([
  ["single", "'"],
  ["double", '"'],
  ["template", "`"],
  ["regex", "/"],
]);
const OPENING: ReadonlyMap<string, Context> = new Map([
  ["'", "single"],
  ['"', "double"],
  ["`", "template"],
]);

/**
 * The paths that stand in strings or in the text of templates, where they would stay text. One pass over the
 * expression; a `/` opens a regular expression where no value can be before it.
 */
export function pathsInsideLiterals(expression: string): readonly string[] {
  const found = new Set<string>();
  const starts = new Map([...expression.matchAll(EVALUATED_PATH)].map((match) => [match.index, match[0]]));
  const frames: Frame[] = [{ context: "code", braces: 0 }];
  let last = "";
  for (let at = 0; at < expression.length; at++) {
    const frame = frames.at(-1) as Frame;
    const character = expression.charAt(at);
    if (frame.context === "code") {
      stepInCode(frames, frame, character, last);
    } else if (character === "\\") {
      at++;
    } else if (character === CLOSING.get(frame.context)) {
      frames.pop();
    } else if (frame.context === "template" && character === "$" && expression.charAt(at + 1) === "{") {
      frames.push({ context: "code", braces: 0 });
      at++;
    } else {
      const path = frame.context === "regex" ? undefined : starts.get(at);
      if (path !== undefined) found.add(path);
    }
    if (character.trim() !== "") last = character;
  }
  return [...found];
}

function stepInCode(frames: Frame[], frame: Frame, character: string, last: string): void {
  const opened = OPENING.get(character);
  if (opened !== undefined) frames.push({ context: opened, braces: 0 });
  else if (character === "{") frame.braces++;
  else if (character === "}" && frame.braces > 0) frame.braces--;
  else if (character === "}" && frames.length > 1) frames.pop();
  else if (character === "/" && !/[\w$)\]}'"`]/.test(last)) frames.push({ context: "regex", braces: 0 });
}
