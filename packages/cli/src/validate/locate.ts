import type { DefinitionPath } from "@stepwell/core";
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type ParsedNode } from "yaml";
import { type Position, parseYaml, positionAt } from "./definition-file.ts";

const START: Position = { line: 1, column: 1 };

/** Finds lines and columns in the source of a definition, JSON or YAML. */
export class Locator {
  readonly #find: (path: DefinitionPath) => Position;

  constructor(source: string) {
    this.#find = locator(source);
  }

  /** The name of the member, or the array's element, that stands at the path; its nearest holder where it does not exist. */
  positionOf(path: DefinitionPath): Position {
    return this.#find(path);
  }
}

function locator(source: string): (path: DefinitionPath) => Position {
  try {
    const { document, lines } = parseYaml(source);
    return (path) => {
      const offset = offsetOf(document.contents, path, (alias) => (isAlias(alias) ? alias.resolve(document) : alias));
      return offset === undefined ? START : positionAt(lines, offset);
    };
  } catch (error) {
    // The parser ran out of stack on absurd nesting; the findings are still worth showing.
    if (error instanceof RangeError) return () => START;
    throw error;
  }
}

function offsetOf(
  root: ParsedNode | null,
  path: DefinitionPath,
  resolve: (node: Node) => Node | undefined,
): number | undefined {
  let node: Node | null | undefined = root;
  let offset = root?.range[0];
  for (const step of path) {
    const holder: Node | undefined = node ? resolve(node) : undefined;
    if (isMap(holder)) {
      const pair: Pair | undefined = holder.items.findLast(
        (item) => isScalar(item.key) && String(item.key.value) === step,
      );
      if (pair === undefined) return offset;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value as Node | null;
    } else if (isSeq(holder) && typeof step === "number") {
      node = holder.items[step] as Node | null | undefined;
      if (!node) return offset;
      offset = node.range?.[0] ?? offset;
    } else return offset;
  }
  return offset;
}
