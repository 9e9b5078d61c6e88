/** The operations of AWS's own API that the console uses, at `POST /`. Times are seconds there. */
import { type RequestOptions, request } from "./http.ts";

const optionsOf = (operation: string, input: object): RequestOptions => ({
  method: "POST",
  body: input,
  headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AWSStepFunctions.${operation}` },
});

async function call<T>(operation: string, input: object): Promise<T> {
  const response = await request("/", optionsOf(operation, input));
  return (await response.json()) as T;
}

export interface DescribedMachine {
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: string;
  readonly definition: string;
  readonly roleArn: string;
  readonly type: "STANDARD" | "EXPRESS";
  readonly creationDate: number;
  readonly revisionId?: string;
  readonly description?: string;
  readonly loggingConfiguration?: LoggingConfiguration;
  readonly tracingConfiguration?: { readonly enabled?: boolean };
  readonly encryptionConfiguration?: { readonly type?: string; readonly kmsKeyId?: string };
}

export type LogLevel = "ALL" | "ERROR" | "FATAL" | "OFF";

export interface LoggingConfiguration {
  readonly level?: LogLevel;
  readonly includeExecutionData?: boolean;
  readonly destinations?: readonly { readonly cloudWatchLogsLogGroup?: { readonly logGroupArn?: string } }[];
}

export const describeStateMachine = (stateMachineArn: string): Promise<DescribedMachine> =>
  call("DescribeStateMachine", { stateMachineArn });
/** The same request, for asking it early. */
export const describeRequest = (stateMachineArn: string): RequestOptions =>
  optionsOf("DescribeStateMachine", { stateMachineArn });

export interface NewMachine {
  readonly name: string;
  readonly definition: string;
  readonly roleArn: string;
  readonly type: "STANDARD" | "EXPRESS";
}

export const createStateMachine = (machine: NewMachine): Promise<{ readonly stateMachineArn: string }> =>
  call("CreateStateMachine", machine);

export interface MachineUpdate {
  readonly stateMachineArn: string;
  readonly definition?: string;
  readonly roleArn?: string;
  readonly loggingConfiguration?: LoggingConfiguration;
  readonly tracingConfiguration?: { readonly enabled: boolean };
  readonly publish?: boolean;
  readonly versionDescription?: string;
}

export const updateStateMachine = (
  update: MachineUpdate,
): Promise<{ readonly revisionId?: string; readonly stateMachineVersionArn?: string }> =>
  call("UpdateStateMachine", update);

export const deleteStateMachine = (stateMachineArn: string): Promise<object> =>
  call("DeleteStateMachine", { stateMachineArn });

export interface Tag {
  readonly key: string;
  readonly value: string;
}

export const listTags = (resourceArn: string): Promise<{ readonly tags: readonly Tag[] }> =>
  call("ListTagsForResource", { resourceArn });
export const addTag = (resourceArn: string, tag: Tag): Promise<object> =>
  call("TagResource", { resourceArn, tags: [tag] });
export const removeTag = (resourceArn: string, key: string): Promise<object> =>
  call("UntagResource", { resourceArn, tagKeys: [key] });

export interface VersionItem {
  readonly stateMachineVersionArn: string;
  readonly creationDate: number;
}

export const listVersions = (
  stateMachineArn: string,
): Promise<{ readonly stateMachineVersions: readonly VersionItem[] }> =>
  call("ListStateMachineVersions", { stateMachineArn, maxResults: 100 });

export const listAliases = (
  stateMachineArn: string,
): Promise<{ readonly stateMachineAliases: readonly { readonly stateMachineAliasArn: string }[] }> =>
  call("ListStateMachineAliases", { stateMachineArn, maxResults: 100 });

export interface RoutingItem {
  readonly stateMachineVersionArn: string;
  /** Percent. */
  readonly weight: number;
}

export interface DescribedAlias {
  readonly stateMachineAliasArn: string;
  readonly name: string;
  readonly description?: string;
  readonly routingConfiguration: readonly RoutingItem[];
  readonly updateDate: number;
}

export const describeAlias = (stateMachineAliasArn: string): Promise<DescribedAlias> =>
  call("DescribeStateMachineAlias", { stateMachineAliasArn });

export const createAlias = (
  name: string,
  routingConfiguration: readonly RoutingItem[],
): Promise<{ readonly stateMachineAliasArn: string }> =>
  call("CreateStateMachineAlias", { name, routingConfiguration });

export const updateAlias = (
  stateMachineAliasArn: string,
  routingConfiguration: readonly RoutingItem[],
): Promise<object> => call("UpdateStateMachineAlias", { stateMachineAliasArn, routingConfiguration });

export const publishVersion = (
  stateMachineArn: string,
  description: string,
): Promise<{ readonly stateMachineVersionArn: string }> =>
  call("PublishStateMachineVersion", { stateMachineArn, ...(description === "" ? {} : { description }) });

export const startExecution = (start: {
  readonly stateMachineArn: string;
  readonly input: string;
  readonly name?: string;
}): Promise<{ readonly executionArn: string }> => call("StartExecution", start);

export const stopExecution = (executionArn: string, error?: string, cause?: string): Promise<object> =>
  call("StopExecution", { executionArn, ...(error && { error }), ...(cause && { cause }) });

export const redriveExecution = (executionArn: string): Promise<object> => call("RedriveExecution", { executionArn });

export const sendTaskSuccess = (taskToken: string, output: string): Promise<object> =>
  call("SendTaskSuccess", { taskToken, output });

export const sendTaskFailure = (taskToken: string, error: string, cause: string): Promise<object> =>
  call("SendTaskFailure", { taskToken, error, cause });

export const sendTaskHeartbeat = (taskToken: string): Promise<object> => call("SendTaskHeartbeat", { taskToken });

export interface MapRunUpdate {
  readonly mapRunArn: string;
  readonly maxConcurrency?: number;
  readonly toleratedFailureCount?: number;
  readonly toleratedFailurePercentage?: number;
}

export const updateMapRun = (update: MapRunUpdate): Promise<object> => call("UpdateMapRun", update);

/** What TestState is asked; its members are AWS's. */
export interface TestedState {
  readonly definition: string;
  readonly stateName?: string;
  readonly input?: string;
  readonly roleArn?: string;
  readonly variables?: string;
  readonly inspectionLevel: "DEBUG" | "TRACE";
  readonly mock?: {
    readonly result?: string;
    readonly errorOutput?: { readonly error: string; readonly cause: string };
    readonly fieldValidationMode?: "STRICT" | "PRESENT" | "NONE";
  };
}

export interface StateTestAnswer {
  readonly status: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly nextState?: string;
  readonly inspectionData?: Readonly<Record<string, unknown>>;
}

export const testState = (asked: TestedState): Promise<StateTestAnswer> => call("TestState", asked);
