import { isDeepStrictEqual } from "node:util";
import type { DefinitionPath, Json, LintEdit } from "@stepwell/core";
import { type Document, isAlias, isCollection, isSeq, visit } from "yaml";
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
    else if (!wasAppended(document, path, value)) document.setIn(path, document.createNode(value));
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

/**
 * True when a list is now what it shall be by what was added at its end: what stands there keeps its comments. A list with
 * an anchor is the same wherever it stands, so it may be so already.
 */
function wasAppended(document: Document, path: DefinitionPath, value: Json): boolean {
  const found = document.getIn(path, true);
  const list = isAlias(found) ? found.resolve(document) : found;
  if (!isSeq(list) || !Array.isArray(value)) return false;
  const now = list.toJS(document) as readonly unknown[];
  if (isDeepStrictEqual(now, value)) return true;
  if (!isDeepStrictEqual(now, value.slice(0, now.length))) return false;
  for (const item of value.slice(now.length)) list.add(document.createNode(item));
  return true;
}

function indentationOf(source: string): string {
  return /\n([ \t]+)"/.exec(source)?.[1] ?? "  ";
}
