import type { Executions } from "../executions/executions.ts";
import type { CatalogStore } from "../ports/catalog-store.ts";
import type { Clock, Ids } from "../ports/clock.ts";
import { activities } from "./activities.ts";
import { aliases } from "./aliases.ts";
import { type AwsIdentity, DEFAULT_IDENTITY } from "./arn.ts";
import type { Catalog } from "./catalog.ts";
import { AWS_QUOTAS, type CatalogContext, type CatalogQuotas } from "./catalog-context.ts";
import { type RevisionOptions, Revisions } from "./revisions.ts";
import { stateMachines } from "./state-machines.ts";
import { tagging } from "./tagging.ts";
import { versions } from "./versions.ts";

export interface CatalogOptions extends RevisionOptions {
  readonly store: CatalogStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly identity?: AwsIdentity;
  /** Asked and told when a state machine is deleted. May refer to an `Executions` made after the catalog. */
  readonly executions: Pick<Executions, "countRunning" | "stateMachineDeleted">;
  readonly quotas?: Partial<CatalogQuotas>;
}

/** Makes the control plane on a store. */
export function createCatalog(options: CatalogOptions): Catalog {
  const context: CatalogContext = {
    store: options.store,
    clock: options.clock,
    ids: options.ids,
    identity: options.identity ?? DEFAULT_IDENTITY,
    executions: options.executions,
    quotas: { ...AWS_QUOTAS, ...options.quotas },
    revisions: new Revisions(options.store, options),
  };
  return {
    identity: context.identity,
    ...stateMachines(context),
    ...versions(context),
    ...aliases(context),
    ...tagging(context),
    ...activities(context),
    count: () => context.store.count(),
  };
}
