import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** What a machine of `@stepwell/authoring` shows, whichever copy of the library made it. */
interface AuthoredMachine {
  readonly definitionText: string;
  diagnostics(): readonly AuthoredFinding[];
}

/** A finding about a construct. */
export interface AuthoredFinding {
  readonly severity: "ERROR" | "WARNING";
  /** The construct: `Default/SM/Pay`. */
  readonly path: string;
  readonly message: string;
  readonly code?: string;
  readonly location?: string;
}

export interface ModuleDefinition {
  /** ASL as JSON; undefined when the findings have an error. */
  readonly text: string | undefined;
  readonly findings: readonly AuthoredFinding[];
}

// The registry of symbols: the command need not load the library that made the machine.
const BRAND = Symbol.for("stepwell.authoring.StateMachine");

/** `orders.ts`, or `orders.ts#refund` for one of several machines. */
export function isDefinitionModule(path: string): boolean {
  return /\.[cm]?[jt]s(#[A-Za-z_$][\w$]*)?$/i.test(path);
}

/**
 * The state machine that a TypeScript or JavaScript file exports: a machine of `@stepwell/authoring` under any name, or a
 * definition as an object named `definition`. Throws, in words for its user, when there is none or more than one.
 */
export async function readDefinitionModule(path: string): Promise<ModuleDefinition> {
  const [file = "", exportName] = path.split("#");
  const exports = (await import(pathToFileURL(resolve(file)).href)) as Readonly<Record<string, unknown>>;
  const machines = Object.entries(exports).filter(([name, value]) => isDefinition(name, value));
  const [chosen, ...others] = machines.filter(([name]) => exportName === undefined || name === exportName);
  if (chosen === undefined) {
    const wanted = exportName === undefined ? "a StateMachine, nor an object named 'definition'" : `'${exportName}'`;
    throw new Error(`exports neither ${wanted}`.replace("neither '", "no machine '"));
  }
  if (others.length > 0) {
    throw new Error(`exports several machines: say which, as ${file}#${chosen[0]} or #${others[0]?.[0]}`);
  }
  return definitionOf(chosen[1]);
}

function definitionOf(value: unknown): ModuleDefinition {
  if (!isMachine(value)) return { text: JSON.stringify(value, undefined, 2), findings: [] };
  const findings = value.diagnostics();
  const broken = findings.some(({ severity }) => severity === "ERROR");
  return { text: broken ? undefined : value.definitionText, findings };
}

function isDefinition(name: string, value: unknown): boolean {
  return (
    isMachine(value) || (name === "definition" && typeof value === "object" && value !== null && "StartAt" in value)
  );
}

function isMachine(value: unknown): value is AuthoredMachine {
  return typeof value === "object" && value !== null && BRAND in value;
}
