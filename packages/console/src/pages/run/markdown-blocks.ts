/** The few forms of Markdown that our own pages use, as blocks of text: nothing of it becomes HTML. */

export interface MarkdownBlock {
  readonly kind: "title" | "text" | "code";
  readonly text: string;
}

export function markdownBlocks(markdown: string): readonly MarkdownBlock[] {
  const blocks: MarkdownBlock[] = [];
  for (const [index, part] of markdown.split(/^```.*$/m).entries()) {
    if (index % 2 === 1) {
      blocks.push({ kind: "code", text: part.replace(/^\n|\n$/g, "") });
      continue;
    }
    for (const paragraph of part.split(/\n{2,}/)) {
      const text = paragraph.trim().replaceAll("`", "");
      if (text.startsWith("#")) blocks.push({ kind: "title", text: text.replace(/^#+\s*/, "") });
      else if (text !== "") blocks.push({ kind: "text", text });
    }
  }
  return blocks;
}
