import type { FileResult } from "./file-findings.ts";

/** One line a finding, in the form editors and terminals jump to: `file:line:column: severity CODE: message`. */
export function textReport(results: readonly FileResult[]): string {
  const lines = results.flatMap(({ file, findings, failure }) => [
    ...(failure === undefined ? [] : [`${file}: error: cannot be read: ${failure}`]),
    ...findings.map(({ line, column, severity, code, message, location }) => {
      const place = location === undefined ? "" : ` (at ${location})`;
      return `${file}:${line}:${column}: ${severity.toLowerCase()} ${code}: ${message}${place}`;
    }),
  ]);
  return `${[...lines, summary(results)].join("\n")}\n`;
}

function summary(results: readonly FileResult[]): string {
  const findings = results.flatMap((result) => result.findings);
  const count = (severity: string): number => findings.filter((finding) => finding.severity === severity).length;
  const infos = count("INFO");
  const unreadable = results.filter((result) => result.failure !== undefined).length;
  const counts = [
    counted(results.length, "file"),
    counted(count("ERROR"), "error"),
    counted(count("WARNING"), "warning"),
    ...(infos === 0 ? [] : [counted(infos, "hint")]),
    ...(unreadable === 0 ? [] : [`${unreadable} not readable`]),
  ];
  return counts.join(", ");
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
