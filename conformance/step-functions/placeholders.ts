import type { Placeholder } from "./recorded-case.ts";

// Texts of a recording in which tokens stand for what differs from run to run: README.md of the cases, "Placeholders".

/** The placeholders of one case, and what its `same` tokens have turned out to stand for. */
export interface PlaceholderTable {
  /** True when the text is nothing but a token that stands for any value. */
  standsForAnything(expected: string): boolean;
  /** Compares a recorded text with an actual one; remembers what unbound `same` tokens stood for when they agree. */
  matches(expected: string, actual: string): boolean;
  /** A copy to try something with: `adopt` it when the trial succeeds. */
  fork(): PlaceholderTable;
  adopt(fork: PlaceholderTable): void;
}

/**
 * `resolve` expands a template such as `{{s5.executionArn|last}}`; it returns undefined where the template names an answer
 * that is not there, and then the token matches nothing.
 */
export function createPlaceholderTable(
  placeholders: { readonly [token: string]: Placeholder },
  resolve: (template: string) => string | undefined,
): PlaceholderTable {
  return table(prepare(placeholders, resolve), new Map());
}

interface Prepared {
  readonly anything: ReadonlySet<string>;
  /** Splits a text at its tokens; undefined when no token may stand inside a text. */
  readonly splitter: RegExp | undefined;
  readonly tokens: ReadonlyMap<string, InsideToken>;
}

/** A token that may stand inside a text: an open `same`, or a piece of regular expression. */
type InsideToken = { readonly kind: "open" } | { readonly kind: "regex"; readonly source: string };

type Bindings = Map<string, string>;

interface ForkableTable extends PlaceholderTable {
  readonly bindings: Bindings;
}

const NOTHING = "(?!)";
const ISO_8601 = "\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(?::\\d{2}(?:[.,]\\d+)?)?(?:Z|[+-]\\d{2}:?\\d{2})?";

function prepare(
  placeholders: { readonly [token: string]: Placeholder },
  resolve: (template: string) => string | undefined,
): Prepared {
  const anything = new Set<string>();
  const tokens = new Map<string, InsideToken>();
  for (const [token, placeholder] of Object.entries(placeholders)) {
    if (placeholder.kind === "any" || (placeholder.kind === "iso8601" && placeholder.any === true)) anything.add(token);
    const inside = insideToken(token, placeholder, resolve);
    if (inside !== undefined) tokens.set(token, inside);
  }
  const sources = [...tokens.keys()]
    .sort((a, b) => b.length - a.length)
    .map((token) => (placeholders[token]!.kind === "iso8601" ? `\\b${RegExp.escape(token)}\\b` : RegExp.escape(token)));
  return { anything, tokens, splitter: sources.length === 0 ? undefined : new RegExp(`(${sources.join("|")})`) };
}

function insideToken(
  token: string,
  placeholder: Placeholder,
  resolve: (template: string) => string | undefined,
): InsideToken | undefined {
  const literal = (template: string): string => {
    const text = resolve(template);
    return text === undefined ? NOTHING : RegExp.escape(text);
  };
  switch (placeholder.kind) {
    case "any":
      return undefined;
    case "same":
      return placeholder.value === undefined ? { kind: "open" } : { kind: "regex", source: literal(placeholder.value) };
    case "one_of":
      return { kind: "regex", source: `(?:${placeholder.values.map(literal).join("|")})` };
    case "pattern":
      return { kind: "regex", source: `(?:${placeholder.pattern})` };
    case "iso8601":
      // The word itself too: AWS's own texts say "extended offset date-time".
      return { kind: "regex", source: `(?:${ISO_8601}|${RegExp.escape(token)})` };
  }
}

function table(prepared: Prepared, bindings: Bindings): ForkableTable {
  return {
    bindings,
    standsForAnything: (expected) => prepared.anything.has(expected),
    matches: (expected, actual) => matches(prepared, bindings, expected, actual),
    fork: () => table(prepared, new Map(bindings)),
    adopt(fork) {
      for (const [token, text] of (fork as ForkableTable).bindings) bindings.set(token, text);
    },
  };
}

function split(prepared: Prepared, text: string): string[] {
  return prepared.splitter === undefined ? [text] : text.split(prepared.splitter);
}

function matches(prepared: Prepared, bindings: Bindings, expected: string, actual: string): boolean {
  const pieces = split(prepared, expected);
  if (pieces.length === 1) return expected === actual;
  const groups = new Map<string, number>();
  const sources = pieces.map((piece) => {
    const token = prepared.tokens.get(piece);
    if (token === undefined) return RegExp.escape(piece);
    if (token.kind === "regex") return token.source;
    const bound = bindings.get(piece);
    if (bound !== undefined) return RegExp.escape(bound);
    const group = groups.get(piece);
    if (group !== undefined) return `\\k<t${group}>`;
    groups.set(piece, groups.size);
    return `(?<t${groups.size - 1}>[\\s\\S]+?)`;
  });
  const found = new RegExp(`^${sources.join("")}$`).exec(actual);
  if (found === null) return false;
  for (const [token, group] of groups) bindings.set(token, found.groups![`t${group}`]!);
  return true;
}
