import type { AliasRoute, StoredAlias } from "../ports/catalog-store.ts";
import { Rejection } from "../rejection.ts";
import { aliasArnOf, parseStateMachineArn, versionArnOf } from "./arn.ts";
import type { AliasDescription, AliasRouting, Catalog, CreateAlias, PageRequest, UpdateAlias } from "./catalog.ts";
import {
  type CatalogContext,
  changingStateMachine,
  findStateMachine,
  quotaExceeded,
  referencedResourceNotFound,
  requireStateMachine,
  stateMachineDeleting,
} from "./catalog-context.ts";

type AliasOperations = Pick<Catalog, "createAlias" | "updateAlias" | "describeAlias" | "listAliases" | "deleteAlias">;

export function aliases(context: CatalogContext): AliasOperations {
  return {
    createAlias: (request) => createAlias(context, request),
    updateAlias: (request) => updateAlias(context, request),
    async describeAlias(arn) {
      const { stateMachineArn, name } = parseAliasArn(arn);
      const alias = await context.store.alias(stateMachineArn, name);
      if (alias === undefined) throw referencedResourceNotFound(arn);
      return describe(alias);
    },
    async listAliases(arn, page) {
      const { stateMachineArn, version } = parseStateMachineArn(arn);
      await requireStateMachine(context, stateMachineArn, arn);
      const all = await context.store.aliases(stateMachineArn);
      const matching = all.filter((alias) => version === undefined || routesTo(alias, version));
      return pageOf(matching, page);
    },
    deleteAlias: (arn) => deleteAlias(context, arn),
  };
}

async function createAlias(context: CatalogContext, request: CreateAlias): ReturnType<AliasOperations["createAlias"]> {
  const { stateMachineArn, routes } = parseRouting(request.routingConfiguration);
  const stateMachineAliasArn = aliasArnOf(stateMachineArn, request.name);
  return changingStateMachine(context, async () => {
    const row = await findStateMachine(context, stateMachineArn);
    if (row === undefined) throw referencedResourceNotFound(stateMachineArn);
    if (row.status === "DELETING") throw stateMachineDeleting(stateMachineArn);
    await checkVersionsExist(context, stateMachineArn, routes);
    const existing = await context.store.alias(stateMachineArn, request.name);
    if (existing !== undefined) {
      checkSameAlias(existing, request.description, routes);
      return { answer: { stateMachineAliasArn, creationDate: existing.creationDate } };
    }
    await checkQuota(context, stateMachineArn);
    const now = context.clock.now();
    const putAlias = {
      stateMachineArn,
      name: request.name,
      routes,
      creationDate: now,
      updateDate: now,
      ...(request.description === undefined ? {} : { description: request.description }),
    };
    const stateMachine = { ...row, etag: context.ids.uuid() };
    return {
      change: { stateMachineArn, expectedEtag: row.etag, stateMachine, putAlias },
      answer: { stateMachineAliasArn, creationDate: now },
    };
  });
}

async function updateAlias(context: CatalogContext, request: UpdateAlias): ReturnType<AliasOperations["updateAlias"]> {
  const { stateMachineArn, name } = parseAliasArn(request.stateMachineAliasArn);
  if (request.description === undefined && request.routingConfiguration === undefined) {
    throw new Rejection(
      "ValidationException",
      "Either the description or the routing configuration must be specified",
      {
        reason: "MISSING_REQUIRED_PARAMETER",
      },
    );
  }
  const routing = request.routingConfiguration && parseRouting(request.routingConfiguration);
  if (routing !== undefined && routing.stateMachineArn !== stateMachineArn) {
    throw invalidRouting("Routing configuration must contain versions of the alias's state machine", [
      ...(request.routingConfiguration ?? []),
    ]);
  }
  return changingStateMachine(context, async () => {
    const row = await findStateMachine(context, stateMachineArn);
    const alias = row && (await context.store.alias(stateMachineArn, name));
    if (row === undefined || alias === undefined) throw referencedResourceNotFound(request.stateMachineAliasArn);
    if (row.status === "DELETING") throw stateMachineDeleting(stateMachineArn);
    if (routing !== undefined) await checkVersionsExist(context, stateMachineArn, routing.routes);
    const now = context.clock.now();
    const putAlias = {
      ...alias,
      ...(request.description === undefined ? {} : { description: request.description }),
      ...(routing === undefined ? {} : { routes: routing.routes }),
      updateDate: now,
    };
    const stateMachine = { ...row, etag: context.ids.uuid() };
    return {
      change: { stateMachineArn, expectedEtag: row.etag, stateMachine, putAlias },
      answer: { updateDate: now },
    };
  });
}

async function deleteAlias(context: CatalogContext, arn: string): Promise<void> {
  const { stateMachineArn, name } = parseAliasArn(arn);
  await changingStateMachine(context, async () => {
    const row = await findStateMachine(context, stateMachineArn);
    const alias = row && (await context.store.alias(stateMachineArn, name));
    if (row === undefined || alias === undefined) throw referencedResourceNotFound(arn);
    const stateMachine = { ...row, etag: context.ids.uuid() };
    return {
      change: { stateMachineArn, expectedEtag: row.etag, stateMachine, deleteAlias: name },
      answer: undefined,
    };
  });
}

function parseAliasArn(arn: string): { stateMachineArn: string; name: string } {
  const { stateMachineArn, alias } = parseStateMachineArn(arn);
  if (alias === undefined) {
    throw new Rejection("ValidationException", `A state machine alias ARN must be specified. Received: ${arn}`);
  }
  return { stateMachineArn, name: alias };
}

/** Throws ValidationException in the words of the cases test_error_create_alias_*. */
function parseRouting(routing: readonly AliasRouting[]): { stateMachineArn: string; routes: AliasRoute[] } {
  const parsed = routing.map((route) => parseStateMachineArn(route.stateMachineVersionArn));
  const first = parsed[0];
  if (first === undefined || parsed.some((arn) => arn.version === undefined)) {
    throw invalidRouting("Routing configuration must contain state machine version ARNs", routing);
  }
  if (parsed.some((arn) => arn.stateMachineArn !== first.stateMachineArn)) {
    throw invalidRouting("Routing configuration must contain versions of the same state machine", routing);
  }
  if (new Set(parsed.map((arn) => arn.version)).size < parsed.length) {
    throw invalidRouting("Routing configuration must contain distinct state machine version ARNs", routing);
  }
  const weights = routing.map((route) => route.weight);
  if (weights.reduce((sum, weight) => sum + weight, 0) !== 100) {
    throw routingRejection(`Sum of routing configuration weights must equal 100. Received: [${weights.join(", ")}]`);
  }
  const routes = parsed.map((arn, index) => ({ version: arn.version ?? 0, weight: weights[index] ?? 0 }));
  return { stateMachineArn: first.stateMachineArn, routes };
}

function invalidRouting(rule: string, routing: readonly AliasRouting[]): Rejection {
  return routingRejection(`${rule}. Received: [${routing.map((route) => route.stateMachineVersionArn).join(", ")}]`);
}

function routingRejection(message: string): Rejection {
  return new Rejection("ValidationException", message, { reason: "INVALID_ROUTING_CONFIGURATION" });
}

async function checkVersionsExist(
  context: CatalogContext,
  stateMachineArn: string,
  routes: readonly AliasRoute[],
): Promise<void> {
  for (const { version } of routes) {
    const stored = await context.store.version(stateMachineArn, version);
    if (stored === undefined) throw referencedResourceNotFound(versionArnOf(stateMachineArn, version));
  }
}

function checkSameAlias(existing: StoredAlias, description: string | undefined, routes: readonly AliasRoute[]): void {
  if (existing.description === description && JSON.stringify(existing.routes) === JSON.stringify(routes)) return;
  throw new Rejection(
    "ConflictException",
    "Failed to create alias because an alias with the same name and a different routing configuration already exists.",
  );
}

async function checkQuota(context: CatalogContext, stateMachineArn: string): Promise<void> {
  const limit = context.quotas.aliasesPerStateMachine;
  if ((await context.store.aliases(stateMachineArn)).length >= limit) {
    throw quotaExceeded("aliases of a state machine", limit);
  }
}

function routesTo(alias: StoredAlias, version: number): boolean {
  return alias.routes.some((route) => route.version === version);
}

/** The cursor names the last alias shown; when it has been deleted since, the older ones follow. */
function pageOf(
  all: readonly StoredAlias[],
  { limit, cursor }: PageRequest,
): Awaited<ReturnType<Catalog["listAliases"]>> {
  let start = 0;
  if (cursor !== undefined) {
    const [createdAt = "", name = ""] = cursor.split(":");
    const shown = all.findIndex((alias) => alias.name === name && alias.creationDate === Number(createdAt));
    const older = all.findIndex((alias) => alias.creationDate < Number(createdAt));
    start = shown >= 0 ? shown + 1 : older >= 0 ? older : all.length;
  }
  const page = all.slice(start, start + limit);
  const items = page.map(({ stateMachineArn, name, creationDate }) => ({
    stateMachineAliasArn: aliasArnOf(stateMachineArn, name),
    creationDate,
  }));
  const last = page.at(-1);
  if (last === undefined || start + limit >= all.length) return { items };
  return { items, cursor: `${last.creationDate}:${last.name}` };
}

function describe(alias: StoredAlias): AliasDescription {
  const { stateMachineArn, name, description, creationDate, updateDate } = alias;
  return {
    stateMachineAliasArn: aliasArnOf(stateMachineArn, name),
    name,
    ...(description === undefined ? {} : { description }),
    routingConfiguration: alias.routes.map(({ version, weight }) => ({
      stateMachineVersionArn: versionArnOf(stateMachineArn, version),
      weight,
    })),
    creationDate,
    updateDate,
  };
}
