/** A template as text: JSON or YAML, with CloudFormation's short forms (`!Ref`, `!Sub`, …) written out. */
import type { Json } from "@stepwell/core";
import { isAlias, isCollection, isMap, isScalar, isSeq, type Node, type Document as YamlDocument } from "yaml";
import { segmentsOf } from "../../config/config-document.ts";
import { type Position, parseYaml, positionAt } from "../../validate/definition-file.ts";
import { Locator } from "../../validate/locate.ts";

export interface TemplateDocument {
  readonly file: string;
  readonly value: Json;
  /** `file:line:column` of what a JSON Pointer names, or of the nearest thing around it. */
  placeOf(pointer: string): string;
}

/** Deeper than any template; the parsers recurse. */
const DEPTH_MAX = 200;
/** Values after aliases are expanded: a bound on "billion laughs". */
const VALUES_MAX = 500_000;

/** Throws with file, line and column when the text is neither JSON nor YAML. */
export function parseTemplate(file: string, text: string): TemplateDocument {
  const { document, lines } = parsed(file, text);
  const at = (position: Position): string => `${file}:${position.line}:${position.column}`;
  const [error] = document.errors;
  if (error !== undefined) throw new Error(`${at(positionAt(lines, error.pos[0]))}: ${error.message}`);
  const reader = new NodeReader(document, (node, message) => {
    throw new Error(`${at(positionAt(lines, node.range?.[0] ?? 0))}: ${message}`);
  });
  const value = reader.read(document.contents as Node | null, 0);
  const locator = new Locator(text);
  return {
    file,
    value,
    placeOf: (pointer) => {
      const path = segmentsOf(pointer).map((segment) => (/^\d+$/.test(segment) ? Number(segment) : segment));
      return at(locator.positionOf(path));
    },
  };
}

function parsed(file: string, text: string): ReturnType<typeof parseYaml> {
  try {
    return parseYaml(text);
  } catch (error) {
    if (error instanceof RangeError) throw new Error(`${file}: is nested too deeply`);
    throw error;
  }
}

class NodeReader {
  #values = 0;
  readonly #document: YamlDocument;
  readonly #refuse: (node: Node, message: string) => never;

  constructor(document: YamlDocument, refuse: (node: Node, message: string) => never) {
    this.#document = document;
    this.#refuse = refuse;
  }

  read(node: Node | null, depth: number): Json {
    if (node === null) return null;
    this.#values++;
    if (this.#values > VALUES_MAX) this.#refuse(node, `has more than ${VALUES_MAX} values`);
    if (depth > DEPTH_MAX) this.#refuse(node, `is nested deeper than ${DEPTH_MAX}`);
    if (isAlias(node)) {
      const anchored = node.resolve(this.#document);
      return this.read(anchored ?? this.#refuse(node, `there is no anchor &${node.source}`), depth + 1);
    }
    const { tag } = node as { readonly tag?: string };
    const value = this.#untagged(node, depth);
    return tag?.startsWith("!") === true && !tag.startsWith("!!") ? this.#longForm(node, tag.slice(1), value) : value;
  }

  #untagged(node: Node, depth: number): Json {
    if (isMap(node)) {
      return Object.fromEntries(
        node.items.map(({ key, value }) => [
          isScalar(key) ? String(key.value) : this.#refuse(node, "a key must be a text"),
          this.read(value as Node | null, depth + 1),
        ]),
      );
    }
    if (isSeq(node)) return node.items.map((item) => this.read(item as Node | null, depth + 1));
    if (!isScalar(node)) return this.#refuse(node, "must be a value");
    const { value } = node;
    return typeof value === "bigint" || value instanceof Date ? String(value) : ((value ?? null) as Json);
  }

  /** `!GetAtt a.b` has a list in its long form; `!Ref` and `!Condition` are not called Fn::. */
  #longForm(node: Node, name: string, value: Json): Json {
    if (name === "Ref" || name === "Condition") return { [name]: value };
    if (name === "GetAtt" && typeof value === "string") {
      const dot = value.indexOf(".");
      if (dot < 0) this.#refuse(node, `!GetAtt must name a resource and an attribute, got ${JSON.stringify(value)}`);
      return { "Fn::GetAtt": [value.slice(0, dot), value.slice(dot + 1)] };
    }
    if (!/^[A-Za-z][A-Za-z0-9]*$/.test(name)) this.#refuse(node, `unknown tag !${name}`);
    return { [`Fn::${name}`]: isCollection(node) || value !== null ? value : "" };
  }
}
