import type { Json, JsonObject } from "@stepwell/core";
import type { AwsIdentity } from "@stepwell/engine";
import type { AwsEndpoints } from "../aws-endpoints.ts";
import type { CodeSources } from "../code/code-sources.ts";
import type { LocalParts } from "../local-parts.ts";
import type { ResourceValues } from "../resolve/scope.ts";
import type { ResourceRecord } from "../stack-record.ts";
import type { StepFunctionsTarget } from "../target/step-functions-target.ts";
import type { ResourceDeclaration } from "../template/template.ts";
import type { NameRule } from "./physical-name.ts";

/** What a kind of resource may ask when it plans: everything is resolved, nothing is changed. */
export interface PlanContext {
  readonly stackName: string;
  readonly declaration: ResourceDeclaration;
  readonly properties: JsonObject;
  readonly identity: AwsIdentity;
  /** What was deployed under this logical id before, of the same type. */
  readonly previous: ResourceRecord | undefined;
  readonly code: CodeSources;
  readonly endpoints: AwsEndpoints;
  /** The name the template gives, the one it had before, or one made of stack and logical id. */
  name(given: Json | undefined, rule: NameRule): string;
  /** Where the content of a layer of this stack lies, by its ARN. */
  layerContent(arn: string): Json | undefined;
  /** `path`: below the resource's properties. */
  problem(path: string, message: string): void;
  warn(message: string): void;
}

/** What carries changes out. */
export interface Deployer {
  readonly target: StepFunctionsTarget;
  readonly endpoints: AwsEndpoints;
  readonly local: LocalParts;
  /** What is told besides the plan: what was kept, what was left out. */
  notice(message: string): void;
}

export interface PlannedResource extends ResourceValues {
  /** What the resource is called where it lives; another one means another resource. */
  readonly physicalId: string;
  /** All that matters of it: when this is as it was, there is nothing to do. */
  readonly desired: Json;
  /** Where it comes to be, in the words of the plan. */
  readonly where: string;
  /** Kept with the record, for updates and removal. */
  readonly details?: JsonObject;
  /** Values that any change will make other ones, not known before: what uses them changes, too. */
  readonly changedValues?: ResourceValues;
  /** Why what exists cannot be changed into this one, and has to go first. */
  readonly replaces?: string;
  /** Creates or updates it. What it gives back stands for the values that were foretold. Absent: there is nothing to do. */
  apply?(deployer: Deployer, change: "create" | "update"): Promise<ResourceValues | undefined>;
}

export interface ResourceKind {
  /** False: no property but its name matters. Default true. */
  readonly takesValues?: boolean;
  /** True: its properties are not even looked at. */
  readonly ignoresProperties?: boolean;
  plan(context: PlanContext): PlannedResource | Promise<PlannedResource>;
  /** False when what the record says is gone, or was never there. Absent: it is always there. */
  exists?(
    physical: Pick<PlannedResource, "physicalId" | "reference" | "attributes" | "where">,
    deployer: Pick<Deployer, "target" | "endpoints">,
  ): Promise<boolean>;
  /** Removes it; what is gone already is no failure. Absent: nothing has to be removed. */
  remove?(record: ResourceRecord, deployer: Deployer): Promise<void>;
}
