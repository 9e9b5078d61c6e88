import { expect, test } from "vitest";
import { type ArrayFormat, urlEncoded } from "./url-encoding.ts";

const BODY = { name: "a b", list: ["x", 1, true], deep: { a: { b: null } }, at: "é&=" };

test.each<[ArrayFormat, string]>([
  ["INDICES", "list%5B0%5D=x&list%5B1%5D=1&list%5B2%5D=true"],
  ["BRACKETS", "list%5B%5D=x&list%5B%5D=1&list%5B%5D=true"],
  ["REPEAT", "list=x&list=1&list=true"],
  ["COMMAS", "list=x,1,true"],
])("lists as %s", (format, list) => {
  expect(urlEncoded(BODY, format)).toBe(`name=a%20b&${list}&deep%5Ba%5D%5Bb%5D=&at=%C3%A9%26%3D`);
});
