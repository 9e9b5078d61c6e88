import { createHash } from "node:crypto";
import {
  type Diagnostic,
  type FlowLanguage,
  invalidDefinitionMessage,
  type ParseOptions,
  type ParseResult,
  parseStateMachine,
  type StateMachine,
  type StateMachineType,
} from "@stepwell/core";
import type { CatalogStore, StoredRevision } from "../ports/catalog-store.ts";
import { Rejection } from "../rejection.ts";
import { noteMachineText } from "./machine-text.ts";
import type { ResolvedMachine } from "./resolved-machine.ts";

/** Bounds of the cache of compiled revisions; a compiled definition takes some ten times its text. */
const CACHED_REVISIONS_MAX = 2_000;
const CACHED_CHARACTERS_MAX = 16 * 1024 * 1024;

export interface RevisionOptions {
  /** What this installation cannot run of a valid definition, as errors: they refuse create and update. */
  readonly supports?: (machine: StateMachine) => readonly Diagnostic[];
  /** A Task's Resource need not be an AWS ARN. */
  readonly lenientResources?: boolean;
}

/** Compiles definitions, and keeps the compiled revisions used last. */
export class Revisions {
  readonly #store: Pick<CatalogStore, "revision">;
  readonly #options: RevisionOptions;
  /** In order of last use. A revision never changes, so an entry never gets stale. */
  readonly #cache = new Map<string, { readonly resolved: ResolvedMachine; readonly characters: number }>();
  #characters = 0;

  constructor(store: Pick<CatalogStore, "revision">, options: RevisionOptions = {}) {
    this.#store = store;
    this.#options = options;
  }

  /** All findings: AWS's, and when those are no errors, what this installation cannot run. */
  diagnose(definition: string, type: StateMachineType): readonly Diagnostic[] {
    const parsed = this.#parse(definition, type);
    if (!parsed.ok) return parsed.diagnostics;
    const unsupported = this.#options.supports?.(parsed.machine) ?? [];
    return [...parsed.diagnostics, ...unsupported];
  }

  /** Throws InvalidDefinition with every error found. */
  check(definition: string, type: StateMachineType): void {
    const diagnostics = this.diagnose(definition, type);
    if (diagnostics.some((diagnostic) => diagnostic.severity === "ERROR")) {
      throw new Rejection("InvalidDefinition", invalidDefinitionMessage(diagnostics));
    }
  }

  /** Throws when no such revision is stored. */
  async resolve(key: string): Promise<ResolvedMachine> {
    const cached = this.#cache.get(key);
    if (cached !== undefined) {
      this.#cache.delete(key);
      this.#cache.set(key, cached);
      return cached.resolved;
    }
    return this.#compile(await this.stored(key));
  }

  /** Throws when no such revision is stored. */
  async stored(key: string): Promise<StoredRevision> {
    const revision = await this.#store.revision(key);
    if (revision === undefined) throw new Error(`revision ${key}: must be stored as long as something refers to it`);
    return revision;
  }

  #compile(revision: StoredRevision): ResolvedMachine {
    const parsed = this.#parse(revision.definition, revision.type, flowLanguageOf(revision));
    if (!parsed.ok) {
      const found = invalidDefinitionMessage(parsed.diagnostics);
      throw new Error(
        `revision ${revision.key} of ${revision.stateMachineArn}: accepted before, refused now: ${found}`,
      );
    }
    const { stateMachineArn, name, type, roleArn } = revision;
    noteMachineText(parsed.machine, {
      key: revision.key,
      definition: revision.definition,
      options: this.#parseOptions(type, flowLanguageOf(revision)),
    });
    const resolved = { stateMachineArn, name, type, roleArn, revisionKey: revision.key, machine: parsed.machine };
    this.#remember(revision.key, resolved, revision.definition.length);
    return resolved;
  }

  #parse(definition: string, type: StateMachineType, flow?: FlowLanguage): ParseResult {
    return parseStateMachine(definition, this.#parseOptions(type, flow));
  }

  #parseOptions(type: StateMachineType, flow: FlowLanguage | undefined): ParseOptions {
    return { type, lenientResources: this.#options.lenientResources ?? false, flow };
  }

  #remember(key: string, resolved: ResolvedMachine, characters: number): void {
    this.#forget(key);
    this.#cache.set(key, { resolved, characters });
    this.#characters += characters;
    for (const oldest of this.#cache.keys()) {
      if (this.#cache.size <= CACHED_REVISIONS_MAX && this.#characters <= CACHED_CHARACTERS_MAX) break;
      if (oldest !== key) this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    this.#characters -= this.#cache.get(key)?.characters ?? 0;
    this.#cache.delete(key);
  }
}

/** What the definition was compiled from, where it was. */
function flowLanguageOf({ source }: StoredRevision): FlowLanguage | undefined {
  if (source === undefined) return undefined;
  return source.members["language"] === "steps" ? "steps" : "states";
}

/** Equal content has an equal key; `createdAt` tells a state machine from an earlier one of the same name. */
export function revisionKeyOf(revision: Omit<StoredRevision, "key" | "updateDate">, createdAt: number): string {
  const content = [
    revision.stateMachineArn,
    createdAt,
    revision.type,
    revision.definition,
    revision.roleArn,
    revision.loggingConfiguration,
    revision.tracingConfiguration,
    revision.encryptionConfiguration,
    revision.revisionId ?? null,
    ...(revision.source === undefined ? [] : [revision.source]),
  ];
  return createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 32);
}

/** Of a revision that is kept beside the current one: a UUID made of both. */
export function keptRevisionId(currentKey: string, definition: string): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([currentKey, definition]))
    .digest("hex");
  return hash.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-8$3-8$4-$5");
}
