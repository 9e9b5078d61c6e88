/**
 * The control plane of CloudFlow, on the same catalog as the state machines (cloudflow.md 3.1, 3.5). Refusals are `Rejection`s
 * with CloudFlow's codes.
 *
 * W1. A change is decided on what was read, and committed only if that has not changed.
 * W2. A flow made after another one of its name was deleted shares nothing with it.
 */
import type { CompiledFlow, EpochMs } from "@stepwell/core";
import { type AwsIdentity, stateMachineArnOf } from "../catalog/arn.ts";
import { revisionKeyOf } from "../catalog/revisions.ts";
import { publication } from "../catalog/versions.ts";
import type { Executions } from "../executions/executions.ts";
import type {
  AliasRoute,
  CatalogStore,
  StateMachineChange,
  StoredAlias,
  StoredRevision,
  StoredStateMachine,
} from "../ports/catalog-store.ts";
import type { Clock, Ids } from "../ports/clock.ts";
import type { ExecutionStore } from "../ports/store.ts";
import { Rejection } from "../rejection.ts";
import { type ExecutionMode, type Flow, type FlowContent, flowOf, MACHINE_TYPES, sourceOf } from "./flow.ts";

export interface FlowsOptions {
  readonly store: CatalogStore;
  readonly executionStore: Pick<ExecutionStore, "list" | "delete">;
  readonly executions: Pick<Executions, "stateMachineDeleted">;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly identity: AwsIdentity;
  /** How many flows there may be; default 10,000, as CloudFlow. */
  readonly flowsMax?: number;
  /** How long a Standard execution may take, where its flow says nothing; absent: for ever. */
  readonly executionSecondsMax?: number;
}

/** cloudflow.md 1: an execution takes up to one year. */
export const FLOW_EXECUTION_SECONDS_MAX = 31_536_000;

export interface CreateFlow extends FlowContent {
  readonly name: string;
  readonly executionMode: ExecutionMode;
}

/** What is absent stays. */
export type UpdateFlow = Partial<Omit<FlowContent, "compiled">> & {
  readonly compile?: (mode: ExecutionMode) => CompiledFlow;
  /** Changes only the flow of this etag. */
  readonly expectedEtag?: string;
};

export interface FlowVersion {
  readonly version: number;
  readonly description: string;
  readonly createdAt: EpochMs;
}

export interface FlowAlias {
  readonly name: string;
  readonly description: string;
  readonly createdAt: EpochMs;
  readonly routes: readonly AliasRoute[];
}

export interface Listed<T> {
  readonly items: readonly T[];
  /** What the next page begins with. */
  readonly next?: string;
}

export interface Flows {
  create(request: CreateFlow): Promise<Flow>;
  update(name: string, request: UpdateFlow): Promise<Flow>;
  delete(name: string, expectedEtag?: string): Promise<void>;
  /** The present flow, or one of its versions. */
  describe(name: string, version?: number): Promise<Flow>;
  /** By name, from `from` on. */
  list(from: string | undefined, limit: number): Promise<Listed<Flow>>;
  /** What an execution was started with. */
  ofRevision(name: string, revisionKey: string): Promise<Flow>;

  publishVersion(name: string, description: string): Promise<FlowVersion>;
  /** Newest first, from the version `from` on. */
  listVersions(name: string, from: number | undefined, limit: number): Promise<Listed<FlowVersion>>;
  deleteVersion(name: string, version: number): Promise<void>;

  putAlias(
    name: string,
    alias: { readonly name: string; readonly description?: string; readonly routes?: readonly AliasRoute[] },
    kind: "create" | "update",
  ): Promise<FlowAlias>;
  describeAlias(name: string, alias: string): Promise<FlowAlias>;
  /** By name, from `from` on. */
  listAliases(name: string, from: string | undefined, limit: number): Promise<Listed<FlowAlias>>;
  deleteAlias(name: string, alias: string): Promise<void>;
}

/** The flows of one catalog. */
export function createFlows(options: FlowsOptions): Flows {
  return new CatalogFlows(options);
}

/** How often a change is decided again because another one came first. */
const ATTEMPTS_MAX = 20;
const FLOWS_MAX = 10_000;
const PAGE = 100;
const DELETED_KIND = "cloudflow-deleted";

interface Found {
  readonly row: StoredStateMachine;
  readonly revision: StoredRevision;
  readonly flow: Flow;
}

class CatalogFlows implements Flows {
  readonly #options: FlowsOptions;

  constructor(options: FlowsOptions) {
    this.#options = options;
  }

  async create(request: CreateFlow): Promise<Flow> {
    const { store, clock, ids, flowsMax = FLOWS_MAX } = this.#options;
    if ((await store.count()).stateMachines >= flowsMax) {
      throw new Rejection("InvalidArgument", `The account has ${flowsMax} flows; there cannot be more.`);
    }
    await this.#endDeletion(request.name);
    const incarnation = await this.#deletedBefore(request.name);
    const now = clock.now();
    const id = ids.uuid();
    const stateMachineArn = this.#arn(request.name);
    const { executionMode } = request;
    const content = {
      stateMachineArn,
      name: request.name,
      type: MACHINE_TYPES[executionMode],
      definition: this.#definitionOf(request.compiled, executionMode),
      roleArn: request.roleArn,
      loggingConfiguration: { level: "OFF", includeExecutionData: false } as const,
      tracingConfiguration: { enabled: false },
      encryptionConfiguration: { type: "AWS_OWNED_KEY" } as const,
      source: sourceOf(request, { id, executionMode, incarnation }),
    };
    const revision: StoredRevision = { ...content, key: revisionKeyOf(content, now), updateDate: now };
    const row: StoredStateMachine = {
      stateMachineArn,
      name: request.name,
      type: content.type,
      status: "ACTIVE",
      creationDate: now,
      revisionKey: revision.key,
      nextVersion: 1,
      tags: [],
      createdWith: { publish: false },
      etag: ids.uuid(),
    };
    const change = { stateMachineArn, expectedEtag: undefined, stateMachine: row, putRevision: revision };
    if (!(await store.commitStateMachine(change))) {
      throw new Rejection("FlowAlreadyExists", `Flow ${request.name} already exists.`);
    }
    return flowOf(row, revision) as Flow;
  }

  update(name: string, request: UpdateFlow): Promise<Flow> {
    return this.#changing(name, request.expectedEtag, ({ row, revision, flow }) => {
      const changed = this.#changedRevision(row, revision, flow, request);
      const stateMachine = { ...row, revisionKey: changed.key, etag: this.#options.ids.uuid() };
      const change = { stateMachine, ...(changed.key === revision.key ? {} : { putRevision: changed }) };
      return { change, answer: flowOf(stateMachine, changed) as Flow };
    });
  }

  #changedRevision(row: StoredStateMachine, revision: StoredRevision, flow: Flow, request: UpdateFlow): StoredRevision {
    const { compile, expectedEtag: _, ...given } = request;
    const compiled = compile?.(flow.executionMode);
    const { key: _key, updateDate: _date, ...kept } = revision;
    const { language, states } = flow;
    const present = compiled ?? { language, states, definition: {} };
    const content: FlowContent = { ...flow, ...given, compiled: present };
    const changed = {
      ...kept,
      ...(compiled === undefined ? {} : { definition: this.#definitionOf(compiled, flow.executionMode) }),
      roleArn: content.roleArn,
      revisionId: this.#options.ids.uuid(),
      source: sourceOf(content, flow),
    };
    return { ...changed, key: revisionKeyOf(changed, row.creationDate), updateDate: this.#options.clock.now() };
  }

  #definitionOf({ definition }: CompiledFlow, mode: ExecutionMode): string {
    const { executionSecondsMax } = this.#options;
    const limited = mode === "Standard" && executionSecondsMax !== undefined;
    return JSON.stringify(limited ? { TimeoutSeconds: executionSecondsMax, ...definition } : definition);
  }

  /** Its executions end at their next step, unseen; those that have ended are deleted. */
  async delete(name: string, expectedEtag?: string): Promise<void> {
    const { ids } = this.#options;
    const row = await this.#changing(name, expectedEtag, ({ row }) => {
      const stateMachine: StoredStateMachine = { ...row, status: "DELETING", etag: ids.uuid() };
      return { change: { stateMachine }, answer: stateMachine };
    });
    await this.#finishDeletion(row);
  }

  /** Counted before the row goes: what a crash left is deleted again, and no name of an execution comes back. */
  async #finishDeletion({ stateMachineArn, name, etag }: StoredStateMachine): Promise<void> {
    const { store, executions } = this.#options;
    await this.#countDeletion(name);
    await executions.stateMachineDeleted(stateMachineArn, name);
    await this.#deleteEnded(stateMachineArn);
    await store.commitStateMachine({ stateMachineArn, expectedEtag: etag, stateMachine: undefined });
  }

  /** A flow whose deletion was interrupted is deleted now. */
  async #endDeletion(name: string): Promise<void> {
    const { store } = this.#options;
    const row = await store.stateMachine(this.#arn(name));
    const revision = row?.status === "DELETING" ? await store.revision(row.revisionKey) : undefined;
    if (row !== undefined && revision?.source !== undefined) await this.#finishDeletion(row);
  }

  async #deleteEnded(stateMachineArn: string): Promise<void> {
    const { executionStore } = this.#options;
    let cursor: string | undefined;
    do {
      const page = await executionStore.list({
        stateMachineArn,
        limit: PAGE,
        ...(cursor === undefined ? {} : { cursor }),
      });
      await executionStore.delete(page.items.map(({ executionArn }) => executionArn));
      cursor = page.cursor;
    } while (cursor !== undefined);
  }

  async #deletedBefore(name: string): Promise<number> {
    const record = await this.#options.store.record(DELETED_KIND, name);
    return Number(record?.value["count"] ?? 0);
  }

  async #countDeletion(name: string): Promise<void> {
    const { store, ids } = this.#options;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const record = await store.record(DELETED_KIND, name);
      const count = Number(record?.value["count"] ?? 0) + 1;
      const counted = { kind: DELETED_KIND, key: name, value: { count }, etag: ids.uuid() };
      if (await store.commitRecord(DELETED_KIND, name, record?.etag, counted)) return;
    }
    throw conflict();
  }

  async describe(name: string, version?: number): Promise<Flow> {
    const { row, flow } = await this.#find(name);
    if (version === undefined) return flow;
    const stored = await this.#options.store.version(row.stateMachineArn, version);
    if (stored === undefined) throw versionNotExists(name, version);
    return this.#ofRevision(row, stored.revisionKey);
  }

  async ofRevision(name: string, revisionKey: string): Promise<Flow> {
    return this.#ofRevision((await this.#find(name)).row, revisionKey);
  }

  async #ofRevision(row: StoredStateMachine, key: string): Promise<Flow> {
    const revision = await this.#options.store.revision(key);
    const flow = revision && flowOf(row, revision);
    if (flow === undefined) throw flowNotExists(row.name);
    return flow;
  }

  async list(from: string | undefined, limit: number): Promise<Listed<Flow>> {
    const { store } = this.#options;
    const found: Flow[] = [];
    // The row before the one that is to be first.
    let after = from === undefined ? undefined : justBefore(this.#arn(from));
    for (;;) {
      const rows = await store.stateMachines(after, PAGE);
      for (const row of rows) {
        const revision = row.status === "ACTIVE" ? await store.revision(row.revisionKey) : undefined;
        const flow = revision && flowOf(row, revision);
        if (flow === undefined) continue;
        if (found.length === limit) return { items: found, next: flow.name };
        found.push(flow);
      }
      if (rows.length < PAGE) return { items: found };
      after = rows.at(-1)?.stateMachineArn;
    }
  }

  publishVersion(name: string, description: string): Promise<FlowVersion> {
    return this.#changing(name, undefined, ({ row }) => {
      const renewed = { ...row, etag: this.#options.ids.uuid() };
      const now = this.#options.clock.now();
      const { stateMachine, putVersion } = publication(renewed, row.revisionKey, now, description);
      const answer = { version: putVersion.number, description, createdAt: now };
      return { change: { stateMachine, putVersion }, answer };
    });
  }

  async listVersions(name: string, from: number | undefined, limit: number): Promise<Listed<FlowVersion>> {
    const { row } = await this.#find(name);
    const before = from === undefined ? undefined : from + 1;
    const rows = await this.#options.store.versions(row.stateMachineArn, before, limit + 1);
    const items = rows.slice(0, limit).map(({ number, description = "", creationDate }) => ({
      version: number,
      description,
      createdAt: creationDate,
    }));
    const next = rows[limit];
    return next === undefined ? { items } : { items, next: String(next.number) };
  }

  deleteVersion(name: string, version: number): Promise<void> {
    return this.#changing(name, undefined, async ({ row }) => {
      const { store, ids } = this.#options;
      if ((await store.version(row.stateMachineArn, version)) === undefined) throw versionNotExists(name, version);
      const aliases = await store.aliases(row.stateMachineArn);
      const user = aliases.find(({ routes }) => routes.some((route) => route.version === version));
      if (user !== undefined) {
        throw new Rejection("InvalidArgument", `Version ${version} of flow ${name} is used by alias ${user.name}.`);
      }
      return { change: { stateMachine: { ...row, etag: ids.uuid() }, deleteVersion: version }, answer: undefined };
    });
  }

  putAlias(name: string, alias: Parameters<Flows["putAlias"]>[1], kind: "create" | "update"): Promise<FlowAlias> {
    return this.#changing(name, undefined, async ({ row }) => {
      const { store, clock, ids } = this.#options;
      const existing = await store.alias(row.stateMachineArn, alias.name);
      if (kind === "create" && existing !== undefined) {
        throw new Rejection("FlowAliasAlreadyExists", `Alias ${alias.name} for flow ${name} already exists.`);
      }
      if (kind === "update" && existing === undefined) throw aliasNotExists(name, alias.name);
      for (const { version } of alias.routes ?? []) {
        if ((await store.version(row.stateMachineArn, version)) === undefined) throw versionNotExists(name, version);
      }
      const now = clock.now();
      const description = alias.description ?? existing?.description;
      const putAlias: StoredAlias = {
        stateMachineArn: row.stateMachineArn,
        name: alias.name,
        routes: alias.routes ?? existing?.routes ?? [],
        creationDate: existing?.creationDate ?? now,
        updateDate: now,
        ...(description === undefined ? {} : { description }),
      };
      return { change: { stateMachine: { ...row, etag: ids.uuid() }, putAlias }, answer: aliasOf(putAlias) };
    });
  }

  async describeAlias(name: string, alias: string): Promise<FlowAlias> {
    const { row } = await this.#find(name);
    const stored = await this.#options.store.alias(row.stateMachineArn, alias);
    if (stored === undefined) throw aliasNotExists(name, alias);
    return aliasOf(stored);
  }

  async listAliases(name: string, from: string | undefined, limit: number): Promise<Listed<FlowAlias>> {
    const { row } = await this.#find(name);
    const all = (await this.#options.store.aliases(row.stateMachineArn)).map(aliasOf);
    const rest = all.filter((alias) => from === undefined || alias.name >= from);
    rest.sort((one, other) => (one.name < other.name ? -1 : 1));
    const next = rest[limit];
    return { items: rest.slice(0, limit), ...(next === undefined ? {} : { next: next.name }) };
  }

  deleteAlias(name: string, alias: string): Promise<void> {
    return this.#changing(name, undefined, async ({ row }) => {
      const { store, ids } = this.#options;
      if ((await store.alias(row.stateMachineArn, alias)) === undefined) throw aliasNotExists(name, alias);
      return { change: { stateMachine: { ...row, etag: ids.uuid() }, deleteAlias: alias }, answer: undefined };
    });
  }

  #arn(name: string): string {
    return stateMachineArnOf(this.#options.identity, name);
  }

  /** Throws FlowNotExists; state machines that are no flows are none here. */
  async #find(name: string): Promise<Found> {
    const { store } = this.#options;
    const row = await store.stateMachine(this.#arn(name));
    const revision = row?.status === "ACTIVE" ? await store.revision(row.revisionKey) : undefined;
    const flow = row && revision && flowOf(row, revision);
    if (row === undefined || revision === undefined || flow === undefined) throw flowNotExists(name);
    return { row, revision, flow };
  }

  /** W1. Throws PreconditionFailed when the flow is not the one expected. */
  async #changing<Answer>(
    name: string,
    expectedEtag: string | undefined,
    decide: (found: Found) => Decided<Answer> | Promise<Decided<Answer>>,
  ): Promise<Answer> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const found = await this.#find(name);
      if (expectedEtag !== undefined && expectedEtag !== found.row.etag) throw preconditionFailed();
      const { change, answer } = await decide(found);
      const { stateMachineArn, etag } = found.row;
      if (await this.#options.store.commitStateMachine({ ...change, stateMachineArn, expectedEtag: etag }))
        return answer;
    }
    throw conflict();
  }
}

interface Decided<Answer> {
  readonly change: Omit<StateMachineChange, "stateMachineArn" | "expectedEtag">;
  readonly answer: Answer;
}

/** The greatest text below all texts that begin with `text`, but for those between it and `text` itself. */
export function justBefore(text: string): string {
  const last = text.length - 1;
  return `${text.slice(0, last)}${String.fromCharCode(text.charCodeAt(last) - 1)}\uffff`;
}

function aliasOf({ name, description = "", creationDate, routes }: StoredAlias): FlowAlias {
  return { name, description, createdAt: creationDate, routes };
}

export function flowNotExists(name: string): Rejection {
  return new Rejection("FlowNotExists", `Flow ${name} does not exist.`);
}

function versionNotExists(name: string, version: number): Rejection {
  return new Rejection("FlowVersionNotExists", `Version ${version} for flow ${name} does not exist.`);
}

function aliasNotExists(name: string, alias: string): Rejection {
  return new Rejection("FlowAliasNotExists", `Alias ${alias} for flow ${name} does not exist.`);
}

export function conflict(): Rejection {
  return new Rejection("ConcurrentUpdateError", "Update conflict, please retry.");
}

export function preconditionFailed(): Rejection {
  return new Rejection("PreconditionFailed", "The resource to be modified has been changed.");
}
