import { Stack } from "../construct.ts";

export interface IModel {
  readonly modelArn: string;
}

/** A model of AWS or of a provider, by its id; scope: tells the region. */
export function foundationModel(modelId: string, scope?: unknown): IModel {
  const { partition, region } = Stack.of(scope);
  return { modelArn: `arn:${partition}:bedrock:${region}::foundation-model/${modelId}` };
}
