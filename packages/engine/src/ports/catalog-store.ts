import type { EpochMs, JsonObject, StateMachineType } from "@stepwell/core";
import type {
  EncryptionConfiguration,
  LoggingConfiguration,
  TracingConfiguration,
} from "../catalog/state-machine-configuration.ts";

/**
 * Where the control plane keeps its rows. Reads see every commit acknowledged before them. Writes are decided on what
 * was read and committed only if that has not changed (`etag`): on `false` the caller reads again and decides again.
 * Every page is bounded by its `limit`.
 */
export interface CatalogStore {
  stateMachine(stateMachineArn: string): Promise<StoredStateMachine | undefined>;
  /** By ARN, ascending, after the ARN `after`: by name, that is. */
  stateMachines(after: string | undefined, limit: number): Promise<StoredStateMachine[]>;
  /** Revisions outlive their state machine: executions refer to them. */
  revision(key: string): Promise<StoredRevision | undefined>;

  version(stateMachineArn: string, number: number): Promise<StoredVersion | undefined>;
  /** The newest version published of one revision. */
  versionOfRevision(stateMachineArn: string, revisionKey: string): Promise<StoredVersion | undefined>;
  /** By number, descending, below `before`. */
  versions(stateMachineArn: string, before: number | undefined, limit: number): Promise<StoredVersion[]>;
  countVersions(stateMachineArn: string): Promise<number>;

  alias(stateMachineArn: string, name: string): Promise<StoredAlias | undefined>;
  /** All aliases (at most 100, AWS's quota), newest first. */
  aliases(stateMachineArn: string): Promise<StoredAlias[]>;

  /** All of the change, durable when it resolves, or nothing and `false` when the state machine is no longer as expected. */
  commitStateMachine(change: StateMachineChange): Promise<boolean>;

  activity(activityArn: string): Promise<StoredActivity | undefined>;
  /** By ARN, ascending, after the ARN `after`: by name, that is. */
  activities(after: string | undefined, limit: number): Promise<StoredActivity[]>;
  /** `expectedEtag` undefined: it must not exist. `activity` undefined: it is deleted. */
  commitActivity(
    activityArn: string,
    expectedEtag: string | undefined,
    activity: StoredActivity | undefined,
  ): Promise<boolean>;

  count(): Promise<CatalogCounts>;

  /** The kinds of records there are. */
  recordKinds(): Promise<readonly string[]>;
  record(kind: string, key: string): Promise<StoredRecord | undefined>;
  /** Of one kind, whose keys begin with `prefix`, by key, ascending (by code point), after the key `after`. */
  records(kind: string, prefix: string, after: string | undefined, limit: number): Promise<StoredRecord[]>;
  /** Of one kind, with a `dueAt` at or before `until`, earliest first, equal ones by key. */
  dueRecords(kind: string, until: EpochMs, limit: number): Promise<StoredRecord[]>;
  /** The earliest `dueAt` of a kind. */
  nextDueRecord(kind: string): Promise<EpochMs | undefined>;
  /** `expectedEtag` undefined: it must not exist. `record` undefined: it is deleted. Durable when it resolves to true. */
  commitRecord(
    kind: string,
    key: string,
    expectedEtag: string | undefined,
    record: StoredRecord | undefined,
  ): Promise<boolean>;

  /** A value made once per installation: the stored one, or `candidate` when there was none. */
  secret(name: string, candidate: string): Promise<string>;
}

export interface CatalogCounts {
  readonly stateMachines: number;
  readonly versions: number;
  readonly aliases: number;
  readonly activities: number;
}

export interface StoredStateMachine {
  readonly stateMachineArn: string;
  readonly name: string;
  readonly type: StateMachineType;
  readonly status: "ACTIVE" | "DELETING";
  readonly creationDate: EpochMs;
  /** The current revision. */
  readonly revisionKey: string;
  /** Numbers of deleted versions are not used again. */
  readonly nextVersion: number;
  readonly tags: readonly Tag[];
  /** What CreateStateMachine was given, for its idempotency. */
  readonly createdWith: { readonly publish: boolean; readonly versionDescription?: string };
  /** Another one after each change of the row, of its versions or of its aliases. */
  readonly etag: string;
}

export interface StoredRevision {
  /** Made from the content; see `revisionKeyOf`. */
  readonly key: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly type: StateMachineType;
  /** The text as it was given; the store keeps equal texts once. */
  readonly definition: string;
  readonly roleArn: string;
  readonly loggingConfiguration: LoggingConfiguration;
  readonly tracingConfiguration: TracingConfiguration;
  readonly encryptionConfiguration: EncryptionConfiguration;
  /** Absent for the revision a state machine was created with (AWS calls it INITIAL). */
  readonly revisionId?: string;
  readonly updateDate: EpochMs;
  /** What the definition was compiled from, when its author wrote another language. */
  readonly source?: RevisionSource;
}

export interface RevisionSource {
  readonly language: "cloudflow";
  /** The text as it was given. */
  readonly text: string;
  /** What the other language's control plane keeps beside its text. */
  readonly members: JsonObject;
}

/**
 * A small durable thing of a feature beside the state machines (a schedule, a report that is owed), found by its key or
 * by when it is due.
 */
export interface StoredRecord {
  /** At most 64 characters. */
  readonly kind: string;
  /** At most 1,024 characters. */
  readonly key: string;
  readonly value: JsonObject;
  readonly dueAt?: EpochMs;
  readonly etag: string;
}

export interface StoredVersion {
  readonly stateMachineArn: string;
  readonly number: number;
  readonly revisionKey: string;
  readonly description?: string;
  readonly creationDate: EpochMs;
}

export interface StoredAlias {
  readonly stateMachineArn: string;
  readonly name: string;
  readonly description?: string;
  readonly routes: readonly AliasRoute[];
  readonly creationDate: EpochMs;
  readonly updateDate: EpochMs;
}

export interface AliasRoute {
  readonly version: number;
  /** Whole percent; the weights of an alias add up to 100. */
  readonly weight: number;
}

export interface StoredActivity {
  readonly activityArn: string;
  readonly name: string;
  readonly creationDate: EpochMs;
  readonly encryptionConfiguration: EncryptionConfiguration;
  readonly tags: readonly Tag[];
  readonly etag: string;
}

export interface Tag {
  readonly key: string;
  readonly value: string;
}

export interface StateMachineChange {
  readonly stateMachineArn: string;
  /** What the change was decided on; undefined: it did not exist. */
  readonly expectedEtag: string | undefined;
  /** The new row; undefined: the state machine is deleted with its versions and aliases (not its revisions). */
  readonly stateMachine: StoredStateMachine | undefined;
  readonly putRevision?: StoredRevision;
  readonly putVersion?: StoredVersion;
  readonly deleteVersion?: number;
  readonly putAlias?: StoredAlias;
  readonly deleteAlias?: string;
}
