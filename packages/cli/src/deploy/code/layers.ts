/**
 * Layers of a function. Lambda has them in `/opt`; here they lie beside the code, where Node finds packages by itself and Python
 * is told to look. AWS Lambda, "Packaging your layer content".
 */
import { createHash } from "node:crypto";
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { CodeBundle } from "./code-bundle.ts";
import type { Handler } from "./handler.ts";

/** Where the code lies when there are layers beside it. */
const CODE = "code";
/** What of a layer is looked at, and where it goes. Programs and libraries in `bin` and `lib` are not. */
const CONTENTS = {
  node: { from: /^nodejs\/(?:node\d+\/)?node_modules$/, to: "node_modules" },
  python: { from: /^python(?:\/lib\/python3\.\d+\/site-packages)?$/, to: "python" },
} as const;

/** The code with its layers; of two that have one file, the later layer's counts. */
export function withLayers(code: CodeBundle, layers: readonly CodeBundle[], family: "node" | "python"): CodeBundle {
  const { from, to } = CONTENTS[family];
  const hash = createHash("sha256").update([code, ...layers].map((bundle) => bundle.hash).join("\0"));
  return {
    hash: hash.digest("hex"),
    files: code.files,
    async unpack(directory) {
      await mkdir(join(directory, CODE));
      await code.unpack(join(directory, CODE));
      await mkdir(join(directory, to));
      for (const layer of layers) {
        const unpacked = join(directory, ".layer");
        await mkdir(unpacked);
        await layer.unpack(unpacked);
        for (const found of holders(layer, from)) await copyContent(join(unpacked, found), join(directory, to));
        await rm(unpacked, { recursive: true });
      }
    },
  };
}

/** Directories of a layer that packages lie in. */
function holders(layer: CodeBundle, pattern: RegExp): readonly string[] {
  const found = new Set<string>();
  for (const file of layer.files) {
    const parts = file.split("/");
    for (let length = 1; length < parts.length; length++) {
      const directory = parts.slice(0, length).join("/");
      if (pattern.test(directory)) found.add(directory);
    }
  }
  return [...found].sort();
}

async function copyContent(from: string, to: string): Promise<void> {
  for (const name of await readdir(from)) {
    await cp(join(from, name), join(to, name), { recursive: true, force: true, verbatimSymlinks: true });
  }
}

/** The handler where the code lies now. */
export function layeredHandler(handler: Handler, family: "node" | "python"): Handler {
  const shims = Object.fromEntries(Object.entries(handler.shims).map(([name, text]) => [`${CODE}/${name}`, text]));
  if (family === "node") return { ...handler, file: `${CODE}/${handler.file}`, shims };
  const module = handler.file.replace(/\.py$/, "");
  const source = `import importlib
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "${CONTENTS.python.to}"))
handler = getattr(importlib.import_module("${module}"), "${handler.exportName}")
`;
  const file = `${CODE}/stepwell_layers.py`;
  return { file, exportName: "handler", shims: { ...shims, [file]: source } };
}
