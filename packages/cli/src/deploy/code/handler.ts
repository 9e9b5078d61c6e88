/** `Handler` of a Lambda function: which file of its code, and which function in it. */

export interface Handler {
  /** Relative to the code's folder. */
  readonly file: string;
  readonly exportName: string;
  /** Small files put beside the code so that it is loaded from its root, as Lambda loads it. */
  readonly shims: Readonly<Record<string, string>>;
}

const SHIM = "stepwell_handler";
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** AWS Lambda, "Define Lambda function handler in Node.js", "… in Python". */
export function findHandler(
  text: string,
  family: "node" | "python",
  files: ReadonlySet<string>,
): Handler | { readonly problem: string } {
  return family === "node" ? nodeHandler(text, files) : pythonHandler(text, files);
}

function nodeHandler(text: string, files: ReadonlySet<string>): Handler | { readonly problem: string } {
  const [, directory = "", module = "", path = ""] = /^((?:[^/]+\/)*)([^/.]+)\.(.+)$/.exec(text) ?? [];
  const names = path.split(".");
  if (module === "" || !names.every((name) => IDENTIFIER.test(name)))
    return { problem: `must be <file>.<function>, got ${JSON.stringify(text)}` };
  // Tools of SAM and the CDK compile TypeScript before; Node runs it here as it is.
  const candidates = [".js", ".mjs", ".cjs", ".ts", ".mts"].map((ending) => `${directory}${module}${ending}`);
  const file = candidates.find((candidate) => files.has(candidate));
  if (file === undefined) return { problem: `${text}: the code has none of ${candidates.join(", ")}` };
  const [first = "", ...inner] = names;
  if (directory === "" && inner.length === 0) return { file, exportName: first, shims: {} };
  const source = `import * as loaded from ${JSON.stringify(`./${file}`)};\nconst found = "default" in loaded && !(${JSON.stringify(first)} in loaded) ? loaded.default : loaded;\nexport const handler = found${names.map((name) => `.${name}`).join("")};\n`;
  return { file: `${SHIM}.mjs`, exportName: "handler", shims: { [`${SHIM}.mjs`]: source } };
}

function pythonHandler(text: string, files: ReadonlySet<string>): Handler | { readonly problem: string } {
  const dot = text.lastIndexOf(".");
  const module = text.slice(0, Math.max(dot, 0)).replaceAll("/", ".");
  const name = text.slice(dot + 1);
  if (!/^[A-Za-z_]\w*$/.test(name) || !/^[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*$/.test(module))
    return { problem: `must be <module>.<function>, got ${JSON.stringify(text)}` };
  const path = module.replaceAll(".", "/");
  const file = [`${path}.py`, `${path}/__init__.py`].find((candidate) => files.has(candidate));
  if (file === undefined) return { problem: `${text}: the code has neither ${path}.py nor ${path}/__init__.py` };
  if (file === `${module}.py`) return { file, exportName: name, shims: {} };
  const source = `import importlib\n\nhandler = getattr(importlib.import_module(${JSON.stringify(module)}), ${JSON.stringify(name)})\n`;
  return { file: `${SHIM}.py`, exportName: "handler", shims: { [`${SHIM}.py`]: source } };
}
