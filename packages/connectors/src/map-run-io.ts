import type { MapRunIo, ObjectStore } from "@stepwell/engine";
import { readItems } from "./item-readers/read-items.ts";
import { ReadingThread } from "./item-readers/reading-thread.ts";
import { unsupportedReader } from "./item-readers/unsupported-reader.ts";
import { discardUnfinished, openResultWriter } from "./result-writer/open-result-writer.ts";
import { combineResults } from "./result-writer/shaped-results.ts";

/** What map runs read and write, on an object store, which it closes. */
export function createMapRunIo(store: ObjectStore): MapRunIo {
  const thread = new ReadingThread();
  return {
    unsupportedReader,
    readItems: (reader, options) => readItems(reader, store, { ...options, thread }),
    openResultWriter: (request) => openResultWriter({ store, ...request }),
    discardUnfinished: (request) => discardUnfinished({ store, ...request }),
    combineResults,
    close: async () => {
      await thread.close();
      await store.close();
    },
  };
}
