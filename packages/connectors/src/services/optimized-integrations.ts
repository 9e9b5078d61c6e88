import { BEDROCK_INVOKE_MODEL } from "./bedrock-invoke-model.ts";
import { CLUSTER_INTEGRATIONS } from "./cluster-integrations.ts";
import type { Integration } from "./integration.ts";
import { JOB_INTEGRATIONS } from "./job-integrations.ts";
import { MESSAGING_INTEGRATIONS } from "./messaging-integrations.ts";

/** By `<service>:<action>`, as in `arn:aws:states:::<service>:<action>`. */
export const OPTIMIZED_INTEGRATIONS: Readonly<Record<string, Integration>> = {
  ...MESSAGING_INTEGRATIONS,
  ...JOB_INTEGRATIONS,
  ...CLUSTER_INTEGRATIONS,
  "bedrock:invokeModel": BEDROCK_INVOKE_MODEL,
};
