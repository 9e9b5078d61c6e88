import type { LintEdit } from "@stepwell/core";
import { isCollection, visit } from "yaml";
import { parseYaml } from "../validate/definition-file.ts";

/**
 * A definition's source with the edits made. YAML keeps its comments and its form; JSON is written as JSON again, with the
 * indentation it had.
 */
export function applyFixes(source: string, edits: readonly LintEdit[]): string {
  const isJson = /^\s*\{/.test(source);
  const { document } = parseYaml(source);
  for (const { path, value } of edits) {
    if (value === undefined) document.deleteIn(path);
    else document.setIn(path, document.createNode(value));
  }
  if (isJson) return `${JSON.stringify(document.toJS(), null, indentationOf(source))}\n`;
  // What is put into a flow collection must be one too.
  visit(document, {
    Collection(_key, node, ancestors) {
      if (ancestors.some((ancestor) => isCollection(ancestor) && ancestor.flow === true)) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 0 });
}

function indentationOf(source: string): string {
  return /\n([ \t]+)"/.exec(source)?.[1] ?? "  ";
}
