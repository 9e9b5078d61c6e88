/**
 * The child executions of flows' distributed Maps (cloudflow.md 3.2, 3.5, 6.2). The engine knows them by the label of their Map, which
 * stands between the flow's name and theirs; CloudFlow's callers name the flow and the child, or the map run, alone.
 */
import { type Json, type JsonObject, nameBasedUuid } from "@stepwell/core";
import { type ChildDescription, type ExecutionDescription, type Flow, Rejection } from "@stepwell/engine";
import { type ActionContext, timeText } from "./action.ts";
import { flowStatus } from "./execution-view.ts";

type Children = Pick<ActionContext, "catalog" | "executions">;

/** What stands in ARNs for the Maps of a flow that are distributed. */
async function labelsOf({ catalog }: Pick<Children, "catalog">, flow: Flow): Promise<string[]> {
  const { definition } = await catalog.describeRevision(flow.revisionKey);
  return distributedMaps(JSON.parse(definition) as JsonObject).map(nameBasedUuid);
}

function distributedMaps(block: JsonObject): string[] {
  const states = Object.entries((block["States"] ?? {}) as { readonly [name: string]: JsonObject });
  return states.flatMap(([name, state]) => {
    const processor = (state["ItemProcessor"] ?? {}) as JsonObject;
    const config = processor["ProcessorConfig"] as { readonly Mode?: Json } | undefined;
    const inner = [...((state["Branches"] ?? []) as readonly JsonObject[]), processor].flatMap(distributedMaps);
    return config?.Mode === "DISTRIBUTED" ? [name, ...inner] : inner;
  });
}

/** A Standard child by its own name; `undefined` when the flow has none of that name. */
export async function findChild(
  context: Children,
  flow: Flow,
  name: string,
): Promise<ExecutionDescription | undefined> {
  const base = flow.stateMachineArn.replace(":stateMachine:", ":execution:");
  for (const label of await labelsOf(context, flow)) {
    const found = await context.executions.describe(`${base}/${label}:${name}`).catch(undefinedIfRefused);
    if (found !== undefined) return found;
  }
  return undefined;
}

export interface MapRunQuery {
  readonly mapRunName: string;
  readonly limit: number;
  /** The `next` of the page before. */
  readonly token: string | undefined;
  readonly statuses: readonly ChildDescription["status"][] | undefined;
  readonly metadataOnly: boolean;
  wanted(child: { readonly name: string; readonly startDate: number }): boolean;
}

/** The children of a map run as ListExecutions shows them, newest first; none for a run that the flow does not have. */
export async function listMapRunChildren(
  context: Children,
  flow: Flow,
  { mapRunName, limit, token, statuses, metadataOnly, wanted }: MapRunQuery,
): Promise<{ readonly executions: readonly object[]; readonly next?: string }> {
  const base = flow.stateMachineArn.replace(":stateMachine:", ":mapRun:");
  for (const label of await labelsOf(context, flow)) {
    const query = {
      mapRunArn: `${base}/${label}:${mapRunName}`,
      limit,
      texts: !metadataOnly,
      ...(statuses === undefined ? {} : { statuses }),
      ...(token === undefined ? {} : { cursor: token }),
    };
    const page = await context.executions.mapRuns?.children(query).catch(undefinedIfUnknown);
    if (page === undefined) continue;
    const children = page.items.filter(({ name, startedAt }) => wanted({ name, startDate: startedAt }));
    const executions = children.map((child) => childView(child, flow, metadataOnly));
    return { executions, ...(page.cursor === undefined ? {} : { next: page.cursor }) };
  }
  return { executions: [] };
}

function childView(child: ChildDescription, flow: Flow, metadataOnly: boolean): object {
  const { name, input, output, status, startedAt, stoppedAt } = child;
  return {
    Name: name,
    FlowName: flow.name,
    FlowDefinition: metadataOnly ? "" : flow.definition,
    Input: metadataOnly ? "" : input,
    Output: metadataOnly || status !== "SUCCEEDED" ? "" : (output ?? "{}"),
    Status: flowStatus(status),
    StartedTime: timeText(startedAt),
    StoppedTime: stoppedAt === undefined ? "" : timeText(stoppedAt),
  };
}

function undefinedIfRefused(error: unknown): undefined {
  if (error instanceof Rejection) return undefined;
  throw error;
}

function undefinedIfUnknown(error: unknown): undefined {
  if (error instanceof Rejection && error.name === "ResourceNotFound") return undefined;
  throw error;
}
