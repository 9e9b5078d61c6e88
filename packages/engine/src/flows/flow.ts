import type { CompiledFlow, EpochMs, FlowLanguage, FlowStates, JsonObject, StateMachineType } from "@stepwell/core";
import type { StoredRevision, StoredStateMachine } from "../ports/catalog-store.ts";

/** A flow of CloudFlow: a state machine whose definition was compiled from another text (cloudflow.md 1). */
export interface Flow {
  readonly name: string;
  readonly stateMachineArn: string;
  /** A UUID of its own for each flow, also of the same name. */
  readonly id: string;
  readonly description: string;
  readonly executionMode: ExecutionMode;
  /** The text as it was given. */
  readonly definition: string;
  readonly language: FlowLanguage;
  /** What the states of the compiled definition are in the flow. */
  readonly states: FlowStates;
  readonly roleArn: string;
  readonly externalStorageLocation?: string;
  readonly environment?: FlowEnvironment;
  readonly resourceGroupId?: string;
  readonly createdAt: EpochMs;
  readonly modifiedAt: EpochMs;
  readonly revisionKey: string;
  /** How many flows of this name were deleted before it was made. */
  readonly incarnation: number;
  /** Another one after each change of the flow, its versions or its aliases. */
  readonly etag: string;
}

export type ExecutionMode = "Standard" | "Express";

export interface FlowEnvironment {
  readonly Variables: readonly { readonly Name: string; readonly Value: string; readonly Description?: string }[];
}

/** What may be said of a flow. */
export interface FlowContent {
  readonly definition: string;
  readonly compiled: CompiledFlow;
  readonly description: string;
  readonly roleArn: string;
  readonly externalStorageLocation?: string;
  readonly environment?: FlowEnvironment;
  readonly resourceGroupId?: string;
}

/** The members of `RevisionSource`. */
interface SourceMembers {
  readonly id: string;
  readonly description: string;
  readonly executionMode: ExecutionMode;
  readonly language: FlowLanguage;
  readonly states: FlowStates;
  readonly incarnation: number;
  readonly externalStorageLocation?: string;
  readonly environment?: FlowEnvironment;
  readonly resourceGroupId?: string;
}

export const MACHINE_TYPES: { readonly [M in ExecutionMode]: StateMachineType } = {
  Standard: "STANDARD",
  Express: "EXPRESS",
};

/** `undefined` when the state machine is no flow. */
export function flowOf(row: StoredStateMachine, revision: StoredRevision): Flow | undefined {
  const { source } = revision;
  if (source?.language !== "cloudflow") return undefined;
  const members = source.members as unknown as SourceMembers;
  return {
    ...members,
    name: row.name,
    stateMachineArn: row.stateMachineArn,
    definition: source.text,
    roleArn: revision.roleArn,
    createdAt: row.creationDate,
    modifiedAt: revision.updateDate,
    revisionKey: revision.key,
    etag: row.etag,
  };
}

export function sourceOf(
  content: FlowContent,
  identity: Pick<Flow, "id" | "executionMode" | "incarnation">,
): NonNullable<StoredRevision["source"]> {
  const { definition, compiled, description, externalStorageLocation, environment, resourceGroupId } = content;
  const { id, executionMode, incarnation } = identity;
  const members: SourceMembers = {
    id,
    description,
    executionMode,
    incarnation,
    language: compiled.language,
    states: compiled.states,
    ...(externalStorageLocation === undefined ? {} : { externalStorageLocation }),
    ...(environment === undefined ? {} : { environment }),
    ...(resourceGroupId === undefined ? {} : { resourceGroupId }),
  };
  return { language: "cloudflow", text: definition, members: JSON.parse(JSON.stringify(members)) as JsonObject };
}

/**
 * The engine's name for an execution of a flow: executions of an earlier flow of the same name are others. No name that a
 * caller may give has a `~`.
 */
export function internalName(flow: Pick<Flow, "incarnation">, executionName: string): string {
  return flow.incarnation === 0 ? executionName : `${executionName}~${flow.incarnation}`;
}

/** CloudFlow's name for an execution. */
export function flowExecutionName(internal: string): string {
  return internal.replace(/~\d+$/, "");
}
