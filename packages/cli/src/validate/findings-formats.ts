export type FindingsFormat = "text" | "json" | "sarif";

/** The formats a report can be written in. */
export const FINDINGS_FORMATS: readonly FindingsFormat[] = ["text", "json", "sarif"];
