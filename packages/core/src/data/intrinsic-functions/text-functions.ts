import type { Json } from "../../json.ts";
import { base64Decode, base64Encode } from "../base64.ts";
import { hashHex } from "../hash.ts";
import { formatTemplate, splitTemplate } from "./format.ts";
import { IntrinsicFailure, type IntrinsicFunction } from "./intrinsic-function.ts";

/** AWS, "States.Base64Encode", "States.Base64Decode" and "States.Hash". */
const CHARACTERS_MAX = 10_000;

export const TEXT_FUNCTIONS: { readonly [name: string]: IntrinsicFunction } = {
  /** A template written in the call itself does not come here: its escapes are seen by the compiler. */
  Format: {
    params: ["text"],
    rest: "any",
    apply: ([template, ...values]) => formatTemplate(splitTemplate(template as string, "{}"), values),
  },

  /** Every character of the second argument separates; empty pieces are left out, as java.util.StringTokenizer does. */
  StringSplit: {
    params: ["text", "text"],
    apply: ([text, separators]) => splitText(text as string, new Set((separators as string).split(""))),
  },

  Base64Encode: { params: ["text"], apply: ([text]) => base64Encode(limited("Base64Encode", text as string)) },

  Base64Decode: {
    params: ["text"],
    apply([encoded]) {
      const text = base64Decode(limited("Base64Decode", encoded as string));
      if (text === undefined) throw IntrinsicFailure.of("Base64Decode", "argument 1 is not Base64");
      return text;
    },
  },

  /** Texts are hashed as they are, other values as compact JSON. */
  Hash: {
    params: ["any", "text"],
    apply([data, algorithm]) {
      const text = typeof data === "string" ? data : JSON.stringify(data as Json);
      const hash = hashHex(algorithm as string, limited("Hash", text));
      if (hash === undefined) {
        throw IntrinsicFailure.of("Hash", "argument 2 must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512");
      }
      return hash;
    },
  },

  UUID: { params: [], apply: (_args, facts) => facts.uuid() },
};

function limited(name: string, text: string): string {
  if (text.length <= CHARACTERS_MAX) return text;
  throw IntrinsicFailure.of(name, `argument 1 must have at most ${CHARACTERS_MAX} characters, got ${text.length}`);
}

function splitText(text: string, separators: ReadonlySet<string>): string[] {
  const pieces: string[] = [];
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && !separators.has(text[at]!)) continue;
    if (at > start) pieces.push(text.slice(start, at));
    start = at + 1;
  }
  return pieces;
}
