import type { AliasRoute, StoredStateMachine, StoredVersion } from "../ports/catalog-store.ts";
import { aliasArnOf, parseStateMachineArn, versionArnOf } from "./arn.ts";
import { type CatalogContext, requireActiveStateMachine, stateMachineDoesNotExist } from "./catalog-context.ts";
import type { ResolvedMachine } from "./resolved-machine.ts";

/** The revision that an ARN means: the current one, a version's, or that of the version an alias picks. */
interface Qualified {
  readonly revisionKey: string;
  readonly version?: StoredVersion;
  readonly alias?: string;
}

/** `chance` in [0, 1) picks the version of an alias; 0 is the one named first. Throws StateMachineDoesNotExist. */
export async function findQualified(
  context: CatalogContext,
  row: StoredStateMachine,
  arn: string,
  chance = 0,
): Promise<Qualified> {
  const { stateMachineArn, version, alias } = parseStateMachineArn(arn);
  if (version !== undefined) return ofVersion(await context.store.version(stateMachineArn, version), arn);
  if (alias === undefined) return { revisionKey: row.revisionKey };
  const stored = await context.store.alias(stateMachineArn, alias);
  const route = stored && pickRoute(stored.routes, chance);
  if (route === undefined) throw stateMachineDoesNotExist(arn);
  return { ...ofVersion(await context.store.version(stateMachineArn, route.version), arn), alias };
}

function ofVersion(version: StoredVersion | undefined, arn: string): Qualified {
  if (version === undefined) throw stateMachineDoesNotExist(arn);
  return { revisionKey: version.revisionKey, version };
}

function pickRoute(routes: readonly AliasRoute[], chance: number): AliasRoute | undefined {
  // 100 for AWS's aliases; flows' weights have any sum.
  const all = routes.reduce((sum, { weight }) => sum + weight, 0);
  let passed = 0;
  for (const route of routes) {
    passed += route.weight;
    if (chance * all < passed) return route;
  }
  return routes.at(-1);
}

export async function resolveQualified(context: CatalogContext, arn: string, chance: number): Promise<ResolvedMachine> {
  const { stateMachineArn } = parseStateMachineArn(arn);
  const row = await requireActiveStateMachine(context, stateMachineArn, arn);
  const { revisionKey, version, alias } = await findQualified(context, row, arn, chance);
  const resolved = await context.revisions.resolve(revisionKey);
  if (version === undefined) return resolved;
  return {
    ...resolved,
    stateMachineVersionArn: versionArnOf(stateMachineArn, version.number),
    ...(alias === undefined ? {} : { stateMachineAliasArn: aliasArnOf(stateMachineArn, alias) }),
  };
}
