const NAME_CHARACTERS_MAX = 80;
const NAME = /^\p{ID_Start}\p{ID_Continue}*$/u;
const REFERENCE = /^\$(\p{ID_Start}\p{ID_Continue}*)(?=$|[.[\s])/u;

/**
 * True for names a variable may have: a Unicode identifier of at most 80 characters that is not `states`.
 * AWS, "Passing data between states with variables".
 */
export function isVariableName(name: string): boolean {
  return name !== "states" && NAME.test(name) && [...name].length <= NAME_CHARACTERS_MAX;
}

/** The variable that a JSONPath text such as `$order.items[0]` begins with; `undefined` when it begins otherwise. */
export function leadingVariable(path: string): string | undefined {
  return REFERENCE.exec(path)?.[1];
}
