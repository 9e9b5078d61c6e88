import { DamagedData } from "./reader-failure.ts";
import { Utf8Decoder } from "./utf8-text.ts";

/** Text whose damage is told with the row that is being read. */
export async function* locatedText(
  chunks: AsyncIterable<Uint8Array>,
  place: () => string | undefined,
): AsyncGenerator<string> {
  const decoder = new Utf8Decoder();
  try {
    for await (const chunk of chunks) {
      for (const texts of beforeDamage<string>((found) => decoder.push(chunk, found))) yield* texts;
    }
    decoder.end();
  } catch (error) {
    throw placed(error, place);
  }
}

/** Damage of the data itself, which knows no row, with the row that is being read. */
export function placed(error: unknown, place: () => string | undefined): unknown {
  if (!(error instanceof DamagedData) || error.place !== undefined) return error;
  return new DamagedData(error.message, place(), error.cause);
}

/** What can be read, some or nothing, before the damage that stops it is thrown. */
export function* beforeDamage<T>(read: (found: T[]) => void): Generator<T[]> {
  const found: T[] = [];
  let failure: unknown;
  try {
    read(found);
  } catch (error) {
    failure = error;
  }
  if (found.length > 0) yield found;
  if (failure !== undefined) throw failure;
}
