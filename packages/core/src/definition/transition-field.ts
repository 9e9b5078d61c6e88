import type { Field } from "./field.ts";
import { text } from "./field-kinds.ts";

/** The name of a state to go to; that it exists is checked when its block is complete. */
export function transition(): Field<string> {
  const name = text();
  return {
    compile(value, site) {
      const target = name.compile(value, site);
      if (target !== undefined) site.context.addTransition(site.state, target, site.path);
      return target;
    },
  };
}
