import type { ChaosReport } from "./chaos.ts";

export interface CaseResult {
  readonly path: string;
  readonly name: string;
  /** Empty: passed. */
  readonly problems: readonly string[];
  /** Real milliseconds. */
  readonly durationMs: number;
  /** Virtual seconds. */
  readonly seconds?: number;
  readonly chaos?: ChaosReport;
}

export const TEST_FORMATS = ["text", "json", "junit"] as const;
export type TestFormat = (typeof TEST_FORMATS)[number];

export function testReport(results: readonly CaseResult[], format: TestFormat): string {
  if (format === "json") return `${JSON.stringify({ version: 1, cases: results }, null, 2)}\n`;
  return format === "junit" ? junit(results) : text(results);
}

function text(results: readonly CaseResult[]): string {
  const lines = [...Map.groupBy(results, ({ path }) => path)].flatMap(([path, cases]) => [
    path,
    ...cases.flatMap(caseLines),
    "",
  ]);
  const failed = results.filter(({ problems }) => problems.length > 0).length;
  return `${lines.join("\n")}${results.length - failed} passed, ${failed} failed\n`;
}

function caseLines({ name, problems, durationMs, seconds, chaos }: CaseResult): string[] {
  const passed = problems.length === 0;
  const virtual = seconds === undefined || seconds < 1 ? "" : `, ${seconds} s of virtual time`;
  return [
    `  ${passed ? "✓" : "✗"} ${name} (${Math.round(durationMs)} ms${virtual})`,
    ...problems.map((problem) => `      ${problem}`),
    ...(chaos === undefined ? [] : chaosLines(chaos)),
  ];
}

function chaosLines({ crashes, crashesLeftOut, injected }: ChaosReport): string[] {
  const left = crashesLeftOut > 0 ? `, ${crashesLeftOut} more commits left out` : "";
  return [
    `      crashed after ${crashes} commits${left}`,
    ...injected.map(({ stateName, call, outcome, status, error }) => {
      const end = outcome === "same" ? "nothing changed" : `${status}${error === undefined ? "" : ` ${error}`}`;
      return `      call ${call} of ${stateName} fails: ${outcome}, ${end}`;
    }),
  ];
}

/** The form that build servers read. */
function junit(results: readonly CaseResult[]): string {
  const suites = [...Map.groupBy(results, ({ path }) => path)].map(([path, cases]) => {
    const failures = cases.filter(({ problems }) => problems.length > 0).length;
    const inner = cases.map((result) => {
      const head = `    <testcase classname="${xml(path)}" name="${xml(result.name)}" time="${result.durationMs / 1_000}"`;
      if (result.problems.length === 0) return `${head}/>`;
      return `${head}><failure message="${xml(result.problems[0] ?? "")}">${xml(result.problems.join("\n"))}</failure></testcase>`;
    });
    return `  <testsuite name="${xml(path)}" tests="${cases.length}" failures="${failures}">\n${inner.join("\n")}\n  </testsuite>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join("\n")}\n</testsuites>\n`;
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** XML 1.0 has no control characters but tab and line ends. */
function xml(value: string): string {
  return Array.from(value, (character) => {
    const isControl = character < " " && !"\t\n\r".includes(character);
    return isControl ? "?" : (ESCAPES[character] ?? character);
  }).join("");
}
