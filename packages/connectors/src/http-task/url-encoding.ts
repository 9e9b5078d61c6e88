import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";

export type ArrayFormat = "INDICES" | "REPEAT" | "COMMAS" | "BRACKETS";

export const ARRAY_FORMATS: readonly string[] = ["INDICES", "REPEAT", "COMMAS", "BRACKETS"] satisfies ArrayFormat[];

/** A body as `application/x-www-form-urlencoded`: objects in brackets, lists as the format says. AWS, "Call HTTPS APIs". */
export function urlEncoded(body: JsonObject, format: ArrayFormat): string {
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(body)) append(pairs, name, value, format);
  return pairs.join("&");
}

function append(pairs: string[], name: string, value: Json, format: ArrayFormat): void {
  if (isJsonObject(value)) {
    for (const [member, item] of Object.entries(value)) append(pairs, `${name}[${member}]`, item, format);
  } else if (!isJsonArray(value)) pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(plainText(value))}`);
  else if (format === "COMMAS") {
    pairs.push(`${encodeURIComponent(name)}=${value.map((item) => encodeURIComponent(plainText(item))).join(",")}`);
  } else {
    value.forEach((item, index) => {
      const suffix = { INDICES: `[${index}]`, BRACKETS: "[]", REPEAT: "" }[format];
      append(pairs, `${name}${suffix}`, item, format);
    });
  }
}

export function plainText(value: Json): string {
  if (value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
