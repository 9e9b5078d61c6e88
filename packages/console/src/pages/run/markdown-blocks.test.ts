import { expect, test } from "vitest";
import { markdownBlocks } from "./markdown-blocks.ts";

test("a page is its title, paragraphs and examples, as text", () => {
  const page = '# `a-rule`\n\nwarning: <b>x</b>\nand on.\n\nFound:\n\n```json\n{\n  "a": 1\n}\n```\n';
  expect(markdownBlocks(page)).toEqual([
    { kind: "title", text: "a-rule" },
    { kind: "text", text: "warning: <b>x</b>\nand on." },
    { kind: "text", text: "Found:" },
    { kind: "code", text: '{\n  "a": 1\n}' },
  ]);
});
