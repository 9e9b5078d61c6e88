/**
 * The control plane: state machines with their revisions, versions and aliases, activities, and tags. Refusals are
 * thrown as `Rejection` with AWS's names and, where they are known, AWS's words.
 *
 * C1. A revision that was stored is never changed and never deleted here: executions keep the one they started with.
 * C2. Every change is decided on rows read before and committed only if they have not changed meanwhile.
 */
import type { Diagnostic, EpochMs, StateMachineType } from "@stepwell/core";
import type { Page } from "../executions/executions.ts";
import type { CatalogCounts, Tag } from "../ports/catalog-store.ts";
import type { AwsIdentity } from "./arn.ts";
import type { MachineSource } from "./resolved-machine.ts";
import type {
  EncryptionConfiguration,
  LoggingConfiguration,
  TracingConfiguration,
} from "./state-machine-configuration.ts";

/** One request for a page: at most `limit` items after `cursor`, the cursor of the page before. */
export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string;
}

/** The control plane as server and CLI use it. Order and idempotence are those of AWS's operations of the same names. */
export interface Catalog extends MachineSource {
  readonly identity: AwsIdentity;

  createStateMachine(request: CreateStateMachine): Promise<CreatedStateMachine>;
  updateStateMachine(request: UpdateStateMachine): Promise<UpdatedStateMachine>;
  /** Marks it DELETING; it is gone when its last execution has ended. Deleting what does not exist does nothing. */
  deleteStateMachine(stateMachineArn: string): Promise<void>;
  /** Of the current revision, of a version, or of the version an alias names first. */
  describeStateMachine(arn: string): Promise<StateMachineDescription>;
  /** What an execution was started with, also after updates and deletion. Of the child of a map run: its parent's. */
  describeRevision(revisionKey: string): Promise<RevisionDescription>;
  /**
   * Stores a definition as a revision of a state machine that none of its names leads to, for executions that are to run
   * it (`ForkRequest.revisionKey`); the rest is as in the current revision. Equal content has an equal key. Rejects
   * InvalidDefinition, StateMachineDoesNotExist and StateMachineDeleting.
   */
  keepRevision(stateMachineArn: string, definition: string): Promise<string>;
  /** By name. */
  listStateMachines(page: PageRequest): Promise<Page<StateMachineSummary>>;
  /** Also of one that is being deleted; what an operation that exists only for Standard or Express asks first. */
  typeOf(arn: string): Promise<StateMachineType>;
  /** All findings, warnings too. */
  validateDefinition(definition: string, type: StateMachineType): readonly Diagnostic[];

  publishVersion(request: PublishVersion): Promise<VersionSummary>;
  /** Newest first. */
  listVersions(stateMachineArn: string, page: PageRequest): Promise<Page<VersionSummary>>;
  deleteVersion(versionArn: string): Promise<void>;

  createAlias(request: CreateAlias): Promise<{ readonly stateMachineAliasArn: string; readonly creationDate: EpochMs }>;
  updateAlias(request: UpdateAlias): Promise<{ readonly updateDate: EpochMs }>;
  describeAlias(aliasArn: string): Promise<AliasDescription>;
  /** Newest first; of a version ARN: the aliases that route to it. */
  listAliases(arn: string, page: PageRequest): Promise<Page<AliasSummary>>;
  deleteAlias(aliasArn: string): Promise<void>;

  tags(resourceArn: string): Promise<readonly Tag[]>;
  tag(resourceArn: string, added: readonly Partial<Tag>[]): Promise<void>;
  untag(resourceArn: string, keys: readonly string[]): Promise<void>;

  createActivity(request: CreateActivity): Promise<{ readonly activityArn: string; readonly creationDate: EpochMs }>;
  describeActivity(activityArn: string): Promise<ActivityDescription>;
  /** Also false for what is not the ARN of an activity. */
  hasActivity(activityArn: string): Promise<boolean>;
  /** By name. */
  listActivities(page: PageRequest): Promise<Page<ActivitySummary>>;
  deleteActivity(activityArn: string): Promise<void>;

  /** How many there are, for metrics. */
  count(): Promise<CatalogCounts>;
}

export interface CreateStateMachine {
  readonly name: string;
  readonly definition: string;
  readonly roleArn: string;
  readonly type?: StateMachineType;
  readonly loggingConfiguration?: Partial<LoggingConfiguration>;
  readonly tracingConfiguration?: Partial<TracingConfiguration>;
  readonly encryptionConfiguration?: EncryptionConfiguration;
  readonly tags?: readonly Partial<Tag>[];
  readonly publish?: boolean;
  readonly versionDescription?: string;
}

export interface CreatedStateMachine {
  readonly stateMachineArn: string;
  readonly creationDate: EpochMs;
  readonly stateMachineVersionArn?: string;
}

export interface UpdateStateMachine {
  readonly stateMachineArn: string;
  readonly definition?: string;
  readonly roleArn?: string;
  readonly loggingConfiguration?: Partial<LoggingConfiguration>;
  readonly tracingConfiguration?: Partial<TracingConfiguration>;
  readonly encryptionConfiguration?: EncryptionConfiguration;
  readonly publish?: boolean;
  readonly versionDescription?: string;
}

export interface UpdatedStateMachine {
  readonly updateDate: EpochMs;
  /** Absent as long as nothing has been changed since the creation. */
  readonly revisionId?: string;
  readonly stateMachineVersionArn?: string;
}

export interface StateMachineSummary {
  readonly stateMachineArn: string;
  readonly name: string;
  readonly type: StateMachineType;
  readonly creationDate: EpochMs;
}

export interface RevisionDescription {
  readonly stateMachineArn: string;
  readonly name: string;
  readonly type: StateMachineType;
  readonly definition: string;
  readonly roleArn: string;
  readonly loggingConfiguration: LoggingConfiguration;
  readonly tracingConfiguration: TracingConfiguration;
  readonly encryptionConfiguration: EncryptionConfiguration;
  readonly revisionId?: string;
  readonly updateDate: EpochMs;
  /** State name to variable names; states that refer to none are left out. */
  readonly variableReferences: ReadonlyMap<string, readonly string[]>;
}

export interface StateMachineDescription extends RevisionDescription {
  /** As it was asked for: qualified when the request was. */
  readonly stateMachineArn: string;
  readonly status: "ACTIVE" | "DELETING";
  /** Of the version, when the request named one. */
  readonly creationDate: EpochMs;
  /** Of the version. */
  readonly description?: string;
}

export interface PublishVersion {
  readonly stateMachineArn: string;
  /** Publish only if this is the current revision; `INITIAL` is the one before the first update. */
  readonly revisionId?: string;
  readonly description?: string;
}

export interface VersionSummary {
  readonly stateMachineVersionArn: string;
  readonly creationDate: EpochMs;
}

export interface AliasRouting {
  readonly stateMachineVersionArn: string;
  readonly weight: number;
}

export interface CreateAlias {
  readonly name: string;
  readonly description?: string;
  readonly routingConfiguration: readonly AliasRouting[];
}

export interface UpdateAlias {
  readonly stateMachineAliasArn: string;
  readonly description?: string;
  readonly routingConfiguration?: readonly AliasRouting[];
}

export interface AliasSummary {
  readonly stateMachineAliasArn: string;
  readonly creationDate: EpochMs;
}

export interface AliasDescription extends AliasSummary {
  readonly name: string;
  readonly description?: string;
  readonly routingConfiguration: readonly AliasRouting[];
  readonly updateDate: EpochMs;
}

export interface CreateActivity {
  readonly name: string;
  readonly encryptionConfiguration?: EncryptionConfiguration;
  readonly tags?: readonly Partial<Tag>[];
}

export interface ActivitySummary {
  readonly activityArn: string;
  readonly name: string;
  readonly creationDate: EpochMs;
}

export interface ActivityDescription extends ActivitySummary {
  readonly encryptionConfiguration: EncryptionConfiguration;
}
