import type { Json, JsonObject } from "../../json.ts";
import { IntrinsicFailure, type IntrinsicFunction, shortened } from "./intrinsic-function.ts";

export const JSON_FUNCTIONS: { readonly [name: string]: IntrinsicFunction } = {
  /** A shallow merge: members of the second object win. AWS has no deep one. */
  JsonMerge: {
    params: ["object", "object", "boolean"],
    apply([first, second, deep]) {
      if (deep === true)
        throw IntrinsicFailure.of("JsonMerge", "deep merging is not supported; argument 3 must be false");
      return { ...(first as JsonObject), ...(second as JsonObject) };
    },
  },

  /** A blank text is null (recorded on AWS). */
  StringToJson: {
    params: ["text"],
    apply([text]) {
      if ((text as string).trim() === "") return null;
      try {
        return JSON.parse(text as string) as Json;
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        throw IntrinsicFailure.of("StringToJson", `argument 1 is not JSON, got ${shortened(text as string)}`);
      }
    },
  },

  JsonToString: { params: ["any"], apply: ([value]) => JSON.stringify(value) },
};
