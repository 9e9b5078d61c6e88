/** A text that may hold `*` for anything, as a regular expression. */
export function wildcard(pattern: string): RegExp {
  const quoted = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${quoted.join(".*")}$`, "s");
}
