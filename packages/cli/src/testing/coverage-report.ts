import type { DefinitionPath } from "@stepwell/core";
import { segmentsOf } from "../config/config-document.ts";
import { Locator } from "../validate/locate.ts";
import type { CoveredItem, CoveredKind } from "./coverage.ts";

/** What the tests of one definition file have covered. */
export interface FileCoverage {
  readonly path: string;
  /** Of the file, for its lines. */
  readonly source: string;
  readonly items: readonly CoveredItem[];
}

export interface CoverageTotals {
  readonly covered: number;
  readonly total: number;
}

const KINDS: readonly { readonly kind: CoveredKind; readonly title: string }[] = [
  { kind: "state", title: "states" },
  { kind: "transition", title: "transitions" },
  { kind: "rule", title: "choice rules" },
  { kind: "catcher", title: "catchers" },
];
const SHOWN_MAX = 20;

export function totalsOf(items: readonly CoveredItem[], kind?: CoveredKind): CoverageTotals {
  const own = kind === undefined ? items : items.filter((item) => item.kind === kind);
  return { covered: own.filter(({ count }) => count > 0).length, total: own.length };
}

/** In hundredths; 100 where there is nothing to cover. */
export function percentOf({ covered, total }: CoverageTotals): number {
  return total === 0 ? 100 : (covered / total) * 100;
}

export function coverageTable(files: readonly FileCoverage[]): string {
  const width = Math.max(4, ...files.map(({ path }) => path.length));
  const head = ["file".padEnd(width), ...KINDS.map(({ title }) => title.padStart(12))].join("  ");
  const rows = files.map(({ path, items }) => {
    const cells = KINDS.map(({ kind }) => {
      const { covered, total } = totalsOf(items, kind);
      return `${covered}/${total}`.padStart(12);
    });
    return [path.padEnd(width), ...cells].join("  ");
  });
  return [head, ...rows, ...files.flatMap(missing), ""].join("\n");
}

function missing({ path, source, items }: FileCoverage): string[] {
  const left = items.filter(({ count }) => count === 0);
  if (left.length === 0) return [];
  const locator = new Locator(source);
  const lines = left
    .slice(0, SHOWN_MAX)
    .map(({ kind, name, pointer }) => `  ${path}:${lineOf(locator, pointer)}  ${kind} ${name}`);
  const more = left.length > SHOWN_MAX ? [`  and ${left.length - SHOWN_MAX} more`] : [];
  return ["", "not covered:", ...lines, ...more];
}

/** For tools: like lcov's records, but of states instead of lines. */
export function coverageJson(files: readonly FileCoverage[]): string {
  const report = files.map(({ path, source, items }) => {
    const locator = new Locator(source);
    const found = items.map(({ kind, name, pointer, count }) => ({
      kind,
      name,
      pointer,
      line: lineOf(locator, pointer),
      count,
    }));
    const summary = Object.fromEntries(KINDS.map(({ kind }) => [kind, totalsOf(items, kind)]));
    return { file: path, summary, items: found };
  });
  return `${JSON.stringify({ version: 1, files: report }, null, 2)}\n`;
}

function lineOf(locator: Locator, pointer: string): number {
  const path: DefinitionPath = segmentsOf(pointer).map((segment) =>
    /^\d+$/.test(segment) ? Number(segment) : segment,
  );
  return locator.positionOf(path).line;
}
