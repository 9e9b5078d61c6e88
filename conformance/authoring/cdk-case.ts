/** The cases of what aws-cdk-lib emits: see README.md beside them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const DIRECTORY: string = join(import.meta.dirname, "../data/cdk");

export type CaseJson = null | boolean | number | string | readonly CaseJson[] | { readonly [key: string]: CaseJson };

export interface CdkCase {
  readonly construct: string;
  readonly variant: string;
  /** The call in TypeScript. */
  readonly props: string;
  /** The same as a tree, where it is one expression. */
  readonly call?: CaseJson;
  readonly stateMachineProps?: { readonly [name: string]: CaseJson };
  readonly kind?: "state" | "definition";
  readonly stateName?: string;
  readonly asl?: CaseJson;
  readonly iam?: readonly { readonly Action: readonly string[]; readonly Resource: readonly string[] }[];
  readonly machine?: { readonly [name: string]: CaseJson };
  readonly error?: string;
  readonly serviceRejects?: string;
  readonly doNotImitate?: string;
}

export type Fixtures = { readonly [name: string]: { readonly [property: string]: CaseJson } };

export function readCases(): readonly CdkCase[] {
  const files = readdirSync(DIRECTORY).filter((file) => file.endsWith(".json") && file !== "fixtures.json");
  return files.sort().map((file) => JSON.parse(readFileSync(join(DIRECTORY, file), "utf8")) as CdkCase);
}

export function readFixtures(): Fixtures {
  return JSON.parse(readFileSync(join(DIRECTORY, "fixtures.json"), "utf8")) as Fixtures;
}

export function nameOf({ construct, variant }: CdkCase): string {
  return `${construct}.${variant}`;
}
