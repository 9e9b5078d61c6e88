import type * as Sfn from "@aws-sdk/client-sfn";
import type { EpochMs } from "@stepwell/core";
import type { OperationName } from "./generated/api-model.ts";

/** Request and response of every operation, as the AWS SDK declares them. */
interface SdkTypes {
  CreateActivity: [Sfn.CreateActivityInput, Sfn.CreateActivityOutput];
  CreateStateMachine: [Sfn.CreateStateMachineInput, Sfn.CreateStateMachineOutput];
  CreateStateMachineAlias: [Sfn.CreateStateMachineAliasInput, Sfn.CreateStateMachineAliasOutput];
  DeleteActivity: [Sfn.DeleteActivityInput, Sfn.DeleteActivityOutput];
  DeleteStateMachine: [Sfn.DeleteStateMachineInput, Sfn.DeleteStateMachineOutput];
  DeleteStateMachineAlias: [Sfn.DeleteStateMachineAliasInput, Sfn.DeleteStateMachineAliasOutput];
  DeleteStateMachineVersion: [Sfn.DeleteStateMachineVersionInput, Sfn.DeleteStateMachineVersionOutput];
  DescribeActivity: [Sfn.DescribeActivityInput, Sfn.DescribeActivityOutput];
  DescribeExecution: [Sfn.DescribeExecutionInput, Sfn.DescribeExecutionOutput];
  DescribeMapRun: [Sfn.DescribeMapRunInput, Sfn.DescribeMapRunOutput];
  DescribeStateMachine: [Sfn.DescribeStateMachineInput, Sfn.DescribeStateMachineOutput];
  DescribeStateMachineAlias: [Sfn.DescribeStateMachineAliasInput, Sfn.DescribeStateMachineAliasOutput];
  DescribeStateMachineForExecution: [
    Sfn.DescribeStateMachineForExecutionInput,
    Sfn.DescribeStateMachineForExecutionOutput,
  ];
  GetActivityTask: [Sfn.GetActivityTaskInput, Sfn.GetActivityTaskOutput];
  GetExecutionHistory: [Sfn.GetExecutionHistoryInput, Sfn.GetExecutionHistoryOutput];
  ListActivities: [Sfn.ListActivitiesInput, Sfn.ListActivitiesOutput];
  ListExecutions: [Sfn.ListExecutionsInput, Sfn.ListExecutionsOutput];
  ListMapRuns: [Sfn.ListMapRunsInput, Sfn.ListMapRunsOutput];
  ListStateMachineAliases: [Sfn.ListStateMachineAliasesInput, Sfn.ListStateMachineAliasesOutput];
  ListStateMachineVersions: [Sfn.ListStateMachineVersionsInput, Sfn.ListStateMachineVersionsOutput];
  ListStateMachines: [Sfn.ListStateMachinesInput, Sfn.ListStateMachinesOutput];
  ListTagsForResource: [Sfn.ListTagsForResourceInput, Sfn.ListTagsForResourceOutput];
  PublishStateMachineVersion: [Sfn.PublishStateMachineVersionInput, Sfn.PublishStateMachineVersionOutput];
  RedriveExecution: [Sfn.RedriveExecutionInput, Sfn.RedriveExecutionOutput];
  SendTaskFailure: [Sfn.SendTaskFailureInput, Sfn.SendTaskFailureOutput];
  SendTaskHeartbeat: [Sfn.SendTaskHeartbeatInput, Sfn.SendTaskHeartbeatOutput];
  SendTaskSuccess: [Sfn.SendTaskSuccessInput, Sfn.SendTaskSuccessOutput];
  StartExecution: [Sfn.StartExecutionInput, Sfn.StartExecutionOutput];
  StartSyncExecution: [Sfn.StartSyncExecutionInput, Sfn.StartSyncExecutionOutput];
  StopExecution: [Sfn.StopExecutionInput, Sfn.StopExecutionOutput];
  TagResource: [Sfn.TagResourceInput, Sfn.TagResourceOutput];
  TestState: [Sfn.TestStateInput, Sfn.TestStateOutput];
  UntagResource: [Sfn.UntagResourceInput, Sfn.UntagResourceOutput];
  UpdateMapRun: [Sfn.UpdateMapRunInput, Sfn.UpdateMapRunOutput];
  UpdateStateMachine: [Sfn.UpdateStateMachineInput, Sfn.UpdateStateMachineOutput];
  UpdateStateMachineAlias: [Sfn.UpdateStateMachineAliasInput, Sfn.UpdateStateMachineAliasOutput];
  ValidateStateMachineDefinition: [Sfn.ValidateStateMachineDefinitionInput, Sfn.ValidateStateMachineDefinitionOutput];
}

/** The SDK's types as they are on the wire: a timestamp is epoch seconds with a fraction. */
type OnWire<T> = T extends Date
  ? number
  : T extends readonly (infer Item)[]
    ? readonly OnWire<Item>[]
    : T extends object
      ? { readonly [Member in keyof T]: OnWire<T[Member]> }
      : T;

/** What `readInput` gives: required members are there, and no member is undefined. */
type Read<T> = T extends readonly (infer Item)[]
  ? readonly Read<Item>[]
  : T extends object
    ? { readonly [Member in keyof T]: Read<Exclude<T[Member], undefined>> }
    : T;

export type Input<Name extends OperationName> = Read<SdkTypes[Name][0]>;
export type Output<Name extends OperationName> = OnWire<SdkTypes[Name][1]>;

export function epochSeconds(ms: EpochMs): number {
  return ms / 1_000;
}
