/** `Transform` of a template, whether it is a stack's own or nested in another. */
import { isJsonArray, isJsonObject, type Json } from "@stepwell/core";
import type { Problems } from "../problem.ts";
import { SAM_TRANSFORM, withoutServerless } from "../sam/serverless.ts";
import { LANGUAGE_EXTENSIONS, withLanguageExtensions } from "./language-extensions.ts";
import type { TemplateDocument } from "./template-document.ts";

/** The document with its transforms carried out; one that is not known is a problem. */
export function withTransforms(
  document: TemplateDocument,
  values: Parameters<typeof withLanguageExtensions>[1],
  problems: Problems,
): TemplateDocument {
  const given: Json = (isJsonObject(document.value) ? document.value["Transform"] : undefined) ?? [];
  const names = (isJsonArray(given) ? given : [given]).map((name) =>
    typeof name === "string" ? name : String(isJsonObject(name) ? name["Name"] : name),
  );
  for (const name of names)
    if (name !== SAM_TRANSFORM && name !== LANGUAGE_EXTENSIONS)
      problems.add(document.placeOf("/Transform"), "/Transform", `the transform ${name} is not supported`);
  const unrolled = withLanguageExtensions(document, values, problems);
  return names.includes(SAM_TRANSFORM) ? withoutServerless(unrolled, problems) : unrolled;
}
