import { DamagedData } from "./reader-failure.ts";
import { utf8Text } from "./utf8-text.ts";

/** Text whose damage is told with the row that is being read. */
export async function* locatedText(
  chunks: AsyncIterable<Uint8Array>,
  place: () => string | undefined,
): AsyncGenerator<string> {
  try {
    yield* utf8Text(chunks);
  } catch (error) {
    if (!(error instanceof DamagedData) || error.place !== undefined) throw error;
    throw new DamagedData(error.message, place(), error.cause);
  }
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
