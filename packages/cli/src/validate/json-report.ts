import type { FileResult } from "./file-findings.ts";

/** `{"files": [{"file", "result", "diagnostics": [{"severity", "code", "message", "location", "pointer", "line", "column"}]}]}` */
export function jsonReport(results: readonly FileResult[]): string {
  const files = results.map(({ file, findings, failure }) => ({
    file,
    result: failure !== undefined || findings.some((finding) => finding.severity === "ERROR") ? "FAIL" : "OK",
    ...(failure !== undefined && { failure }),
    diagnostics: findings,
  }));
  return `${JSON.stringify({ files }, null, 2)}\n`;
}
