import { describe, expect, test } from "vitest";
import type { Json } from "../json.ts";
import { CsvItems } from "./csv-items.ts";
import { DamagedData } from "./damaged-data.ts";

type Config = ConstructorParameters<typeof CsvItems>[0];

function itemsOf(text: string, config: Config = {}, skip = 0): Json[] {
  const items: Json[] = [];
  const rows = new CsvItems(config, skip);
  rows.push(text, items);
  rows.end(items);
  return items;
}

describe("items of CSV text", () => {
  test("the first row names the columns, or the state does", () => {
    expect(itemsOf("a,b\n1,2\n3,4")).toEqual([
      { a: "1", b: "2" },
      { a: "3", b: "4" },
    ]);
    const given = { csvHeaderLocation: "GIVEN", csvHeaders: ["x", "y"] } as const;
    expect(itemsOf("1,2\n", given)).toEqual([{ x: "1", y: "2" }]);
  });

  test("short rows are filled, long ones cut", () => {
    expect(itemsOf("a,b\n1\n1,2,3\n")).toEqual([
      { a: "1", b: "" },
      { a: "1", b: "2" },
    ]);
  });

  test("another delimiter leaves commas alone", () => {
    expect(itemsOf("a,b|c\\|d\n1|2", { csvDelimiter: "PIPE" })).toEqual([{ "a,b": "1", "c|d": "2" }]);
  });

  test("rows may be passed over, also in other chunks than they end in", () => {
    const rows = new CsvItems({}, 2);
    const items: Json[] = [];
    for (const text of ["a\n", "1\n2", "\n3\n", "4"]) rows.push(text, items);
    rows.end(items);
    expect(items).toEqual([{ a: "3" }, { a: "4" }]);
  });

  test("columns come in the order of a Java map, and __proto__ is a column", () => {
    expect(JSON.stringify(itemsOf("0,True,{}\n1,2,3"))).toBe('[{"0":"1","{}":"3","True":"2"}]');
    expect(JSON.stringify(itemsOf("a,__proto__\n1,2"))).toContain('"__proto__":"2"');
  });

  test("nothing is no item", () => {
    expect(itemsOf("")).toEqual([]);
    expect(itemsOf("a,b\n")).toEqual([]);
  });

  test("what was before damage is there", () => {
    const items: Json[] = [];
    const rows = new CsvItems({});
    rows.push('a,b\n1,2\n3,"4', items);
    expect(() => rows.end(items)).toThrow(DamagedData);
    expect(items).toEqual([{ a: "1", b: "2" }]);
    expect(rows.place).toBe("row 3");
  });

  test("headers may not be doubled, or longer than 10 KiB", () => {
    expect(() => itemsOf("a,a\n")).toThrow("CSV headers cannot contain duplicates.");
    expect(() => itemsOf(`${"x".repeat(11_000)}\n1`)).toThrow("The CSV header is larger than 10 KiB");
  });
});
