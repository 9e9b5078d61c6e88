import type { Json } from "../json.ts";
import type { Diagnostic } from "./diagnostic.ts";

/** Where something stands in a definition: member names and array indexes from the top. */
export type DefinitionPath = readonly (string | number)[];

/** A diagnostic with the place as data, for tools that show lines and columns. */
export interface LocatedDiagnostic extends Diagnostic {
  readonly path: DefinitionPath;
}

/** More than this many errors, or warnings, help nobody; the rest is dropped. */
const FINDINGS_MAX = 1_000;

/** AWS's spelling of a location: `/States/Pay/Choices[0]/Next`, names not escaped, `/` for the top level. */
export function formatLocation(path: DefinitionPath): string {
  if (path.length === 0) return "/";
  return path.map((step) => (typeof step === "number" ? `[${step}]` : `/${step}`)).join("");
}

/** RFC 6901. "" for the top level. */
export function formatPointer(path: DefinitionPath): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** Collects findings while a definition is read, and puts them in order of appearance. */
export class Findings {
  readonly #found: LocatedDiagnostic[] = [];
  readonly #counts = { ERROR: 0, WARNING: 0 };

  schemaError(message: string, path: DefinitionPath): void {
    this.error("SCHEMA_VALIDATION_FAILED", message, path);
  }

  /** `place`: for tools, where it is known better than AWS tells. */
  error(code: string, message: string, path: DefinitionPath, place: DefinitionPath = path): void {
    this.#add({ severity: "ERROR", code, message, location: formatLocation(path), path: place });
  }

  /** AWS gives no location to a few findings. `path` is the place for tools that need one. */
  errorWithoutLocation(code: string, message: string, path: DefinitionPath): void {
    this.#add({ severity: "ERROR", code, message, path });
  }

  warning(code: string, message: string, path: DefinitionPath): void {
    this.#add({ severity: "WARNING", code, message, location: formatLocation(path), path });
  }

  /** Puts the findings so far in the order of where they stand in `definition`; later ones stay behind them. */
  sort(definition: Json): void {
    const order = new AppearanceOrder(definition);
    this.#found.sort((a, b) => order.compare(a.path, b.path));
  }

  list(): readonly LocatedDiagnostic[] {
    return this.#found;
  }

  #add(finding: LocatedDiagnostic): void {
    // Counted apart: warnings must not crowd out the error that makes a definition invalid.
    if (++this.#counts[finding.severity] <= FINDINGS_MAX) this.#found.push(finding);
  }
}

/** Compares paths by where they stand in the text, as far as the order of an object's members tells. */
class AppearanceOrder {
  readonly #indexes = new Map<object, Map<string, number>>();
  readonly #root: Json;

  constructor(root: Json) {
    this.#root = root;
  }

  compare(a: DefinitionPath, b: DefinitionPath): number {
    let node: Json | undefined = this.#root;
    const shared = Math.min(a.length, b.length);
    for (let depth = 0; depth < shared; depth++) {
      const left = a[depth] as string | number;
      const right = b[depth] as string | number;
      if (left !== right) return this.#position(node, left) - this.#position(node, right);
      node = child(node, left);
    }
    return a.length - b.length;
  }

  #position(node: Json | undefined, step: string | number): number {
    if (typeof step === "number") return step;
    if (typeof node !== "object" || node === null) return 0;
    let index = this.#indexes.get(node);
    if (index === undefined) {
      index = new Map(Object.keys(node).map((key, position) => [key, position]));
      this.#indexes.set(node, index);
    }
    return index.get(step) ?? index.size;
  }
}

function child(node: Json | undefined, step: string | number): Json | undefined {
  if (typeof node !== "object" || node === null || !Object.hasOwn(node, step)) return undefined;
  return (node as { readonly [key: string | number]: Json })[step];
}
