import { Stack } from "../construct.ts";

export interface IModel {
  readonly modelArn: string;
}

/** A model with throughput of its own, which exists already. */
export class ProvisionedModel implements IModel {
  static fromProvisionedModelArn(_scope: unknown, _id: string, modelArn: string): ProvisionedModel {
    return new ProvisionedModel(modelArn);
  }

  readonly modelArn: string;

  private constructor(modelArn: string) {
    this.modelArn = modelArn;
  }
}

/** A model of AWS or of a provider, by its id; scope: tells the region. */
export function foundationModel(modelId: string, scope?: unknown): IModel {
  const { partition, region } = Stack.of(scope);
  return { modelArn: `arn:${partition}:bedrock:${region}::foundation-model/${modelId}` };
}
