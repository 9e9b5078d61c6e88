import type { Field } from "./field.ts";
import { flag, text } from "./field-kinds.ts";

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

/** `End`, which leads somewhere only when it is true. ASL spec, table of state types: `Next` or `"End":true`. */
export function ending(): Field<boolean> {
  const ends = flag();
  return {
    compile(value, site) {
      if (value === false && !Object.hasOwn(site.holder, "Next") && site.context.flow === undefined) {
        const message = "There should be one of the following fields: [Next, End]";
        site.context.findings.schemaError(message, site.path.slice(0, -1));
      }
      return ends.compile(value, site);
    },
  };
}
