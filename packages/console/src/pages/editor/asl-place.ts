/** Where the cursor stands in a definition, read off the editor's syntax tree. */
import type { CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { syntaxTree } from "@codemirror/language";
import type { EditorState } from "@codemirror/state";
import { type AslPlace, aslCompletion } from "./asl-completion.ts";
import type { DefinitionFormat } from "./definition-source.ts";

type TreeNode = ReturnType<ReturnType<typeof syntaxTree>["resolveInner"]>;

const KINDS = {
  field: "property",
  state: "class",
  value: "constant",
  function: "function",
  variable: "variable",
} as const;

export function completeAsl(context: CompletionContext, format: DefinitionFormat): CompletionResult | null {
  const typed = context.matchBefore(/[\w$.:-]*/);
  if (typed === null || (typed.text === "" && !context.explicit)) return null;
  const place = placeAt(context.state, context.pos, format);
  const found = aslCompletion(place, typed.text, typed.from, stateNames(context.state.doc.toString(), format));
  if (found === undefined) return null;
  const quoted = format === "json" && !isInString(context.state, context.pos);
  return {
    from: found.from,
    validFor: /^[\w$.:-]*$/,
    options: found.options.map(({ label, kind, detail }) => ({
      label,
      type: KINDS[kind],
      ...(detail !== undefined && { detail }),
      ...(quoted && { apply: kind === "field" ? `"${label}": ` : `"${label}"` }),
      ...(format === "yaml" && kind === "field" && { apply: `${label}: ` }),
    })),
  };
}

const isInString = (state: EditorState, at: number): boolean => {
  const { name } = syntaxTree(state).resolveInner(at, -1);
  return name === "String" || name === "PropertyName";
};

/** In JSON by the tree; in YAML by indentation, which a half-written text still has. */
function placeAt(state: EditorState, at: number, format: DefinitionFormat): AslPlace {
  return format === "json" ? jsonPlace(state, at) : yamlPlace(state.doc.sliceString(0, at), state.doc.toString());
}

function jsonPlace(state: EditorState, at: number): AslPlace {
  const path: string[] = [];
  const text = (node: TreeNode) => state.doc.sliceString(node.from, node.to);
  const inner = syntaxTree(state).resolveInner(at, -1);
  let type: string | undefined;
  let isFirst = true;
  const isKey = inner.name === "PropertyName" || inner.name === "Object" || inner.name === "{";
  for (let node: TreeNode | null = inner; node !== null; node = node.parent) {
    if (node.name === "Object" && isFirst) {
      isFirst = false;
      type = memberText(node, "Type", text);
    }
    const isOwn = isKey && inner.name === "PropertyName" && node === inner.parent;
    if (node.name === "Property" && !isOwn) {
      const key = node.getChild("PropertyName");
      if (key !== null) path.unshift(text(key).slice(1, -1));
    }
  }
  return { path, type, isKey };
}

function memberText(object: TreeNode, name: string, text: (node: TreeNode) => string): string | undefined {
  for (const property of object.getChildren("Property")) {
    const key = property.getChild("PropertyName");
    const value = property.getChild("String");
    if (key !== null && value !== null && text(key) === `"${name}"`) return text(value).slice(1, -1);
  }
  return undefined;
}

const LINE = /^(\s*)(?:- )?(?:"([^"]+)"|'([^']+)'|([^\s:#'"][^:#]*?))\s*:(?:\s|$)/;

/** Exported for its test. */
export function yamlPlace(before: string, whole: string): AslPlace {
  const lines = before.split("\n");
  const current = lines.at(-1) ?? "";
  const own = LINE.exec(current);
  const isKey = own === null && !/^\s*- /.test(current);
  const path: string[] = own === null ? [] : [own[2] ?? own[3] ?? own[4] ?? ""];
  const indent = /^\s*(?:- )?/.exec(current)?.[0].length ?? 0;
  let inside = indent;
  for (let at = lines.length - 2; at >= 0 && inside > 0; at--) {
    const found = LINE.exec(lines[at] ?? "");
    const depth = found?.[1]?.length ?? Number.POSITIVE_INFINITY;
    if (found === null || depth >= inside) continue;
    path.unshift(found[2] ?? found[3] ?? found[4] ?? "");
    inside = depth;
  }
  return { path, type: siblingType(lines.length - 1, indent, whole.split("\n")), isKey };
}

function siblingType(at: number, indent: number, lines: readonly string[]): string | undefined {
  const depth = (line: string) => /^\s*(?:- )?/.exec(line)?.[0].length ?? 0;
  for (const step of [-1, 1]) {
    for (let next = at; next >= 0 && next < lines.length; next += step) {
      const line = lines[next] ?? "";
      if (line.trim() === "" || next === at) continue;
      if (depth(line) < indent) break;
      const type = depth(line) === indent ? /^\s*(?:- )?["']?Type["']?\s*:\s*["']?(\w+)/.exec(line)?.[1] : undefined;
      if (type !== undefined) return type;
    }
  }
  return undefined;
}

/** Names of states as they are written, without reading the whole text as JSON: it is being written. */
function stateNames(text: string, format: DefinitionFormat): readonly string[] {
  const pattern =
    format === "json"
      ? /"((?:[^"\\]|\\.)+)"\s*:\s*\{\s*"(?:Type|Comment|QueryLanguage)"/g
      : /^\s*["']?([^\s:"'][^:"']*)["']?:\s*\n\s+Type:/gm;
  return [...new Set([...text.matchAll(pattern)].map(([, name]) => name ?? ""))];
}
