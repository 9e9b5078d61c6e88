import { expect, test } from "vitest";
import { nameBasedUuid } from "./name-based-uuid.ts";

test("gives what Java's UUID.nameUUIDFromBytes gives", () => {
  // jshell> UUID.nameUUIDFromBytes("Map".getBytes())
  expect(nameBasedUuid("")).toBe("d41d8cd9-8f00-3204-a980-0998ecf8427e");
  expect(nameBasedUuid("Map")).toBe("46f3ea05-6caa-3126-b91f-3f70beea068c");
});
