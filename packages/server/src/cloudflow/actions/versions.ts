/** Versions and aliases of flows (cloudflow.md 3.5). */
import type { AliasRoute, FlowAlias, FlowVersion } from "@stepwell/engine";
import { type Actions, timeText, tokenOf } from "../action.ts";
import { invalidArgument, missingParameter } from "../errors.ts";
import type { Parameters } from "../parameters.ts";
import { shown } from "../parameters.ts";

const LIST_DEFAULT = 60;
const LIST_MAX = 1_000;
const VERSION_MAX = 999_999_999;
const ROUTES_MAX = 100;

export const VERSION_ACTIONS: Actions = {
  PublishFlowVersion: {
    awsAction: "PublishStateMachineVersion",
    flowParameter: "FlowName",
    required: ["FlowName"],
    async perform({ flows, parameters }) {
      const name = parameters.required("FlowName");
      return { FlowName: name, ...versionView(await flows.publishVersion(name, parameters.text("Description"))) };
    },
  },
  ListFlowVersions: {
    awsAction: "ListStateMachineVersions",
    flowParameter: "FlowName",
    required: ["FlowName"],
    async perform({ flows, parameters }) {
      const limit = parameters.number("Limit", 1, LIST_MAX) ?? LIST_DEFAULT;
      const from = parameters.number("NextToken", 1, VERSION_MAX);
      const page = await flows.listVersions(parameters.required("FlowName"), from, limit);
      return {
        FlowVersions: page.items.map(versionView),
        ...(page.next === undefined ? {} : { NextToken: page.next }),
      };
    },
  },
  DeleteFlowVersion: {
    awsAction: "DeleteStateMachineVersion",
    flowParameter: "FlowName",
    required: ["FlowName", "FlowVersion"],
    async perform({ flows, parameters }) {
      const version = parameters.number("FlowVersion", 1, VERSION_MAX) ?? 0;
      await flows.deleteVersion(parameters.required("FlowName"), version);
      return {};
    },
  },
  CreateFlowAlias: {
    awsAction: "CreateStateMachineAlias",
    flowParameter: "FlowName",
    required: ["FlowName", "Name"],
    async perform({ flows, parameters }) {
      const routes = routesOf(parameters);
      if (routes === undefined) throw missingParameter("RoutingConfigurations");
      const alias = { name: parameters.name("Name"), description: parameters.text("Description"), routes };
      return aliasView(await flows.putAlias(parameters.required("FlowName"), alias, "create"));
    },
  },
  UpdateFlowAlias: {
    awsAction: "UpdateStateMachineAlias",
    flowParameter: "FlowName",
    required: ["FlowName", "Name"],
    async perform({ flows, parameters }) {
      const routes = routesOf(parameters);
      const description = parameters.optional("Description");
      const alias = {
        name: parameters.required("Name"),
        ...(description === undefined ? {} : { description }),
        ...(routes === undefined ? {} : { routes }),
      };
      return { Alias: aliasView(await flows.putAlias(parameters.required("FlowName"), alias, "update")) };
    },
  },
  DescribeFlowAlias: {
    awsAction: "DescribeStateMachineAlias",
    flowParameter: "FlowName",
    required: ["FlowName", "Name"],
    async perform({ flows, parameters }) {
      const alias = await flows.describeAlias(parameters.required("FlowName"), parameters.required("Name"));
      return { Alias: aliasView(alias) };
    },
  },
  ListFlowAliases: {
    awsAction: "ListStateMachineAliases",
    flowParameter: "FlowName",
    required: ["FlowName"],
    async perform({ flows, parameters }) {
      const limit = parameters.number("Limit", 1, LIST_MAX) ?? LIST_DEFAULT;
      const page = await flows.listAliases(parameters.required("FlowName"), tokenOf(parameters), limit);
      return { Aliases: page.items.map(aliasView), ...(page.next === undefined ? {} : { NextToken: page.next }) };
    },
  },
  DeleteFlowAlias: {
    awsAction: "DeleteStateMachineAlias",
    flowParameter: "FlowName",
    required: ["FlowName", "Name"],
    async perform({ flows, parameters }) {
      await flows.deleteAlias(parameters.required("FlowName"), parameters.required("Name"));
      return {};
    },
  },
};

function versionView({ version, description, createdAt }: FlowVersion): object {
  return { Version: String(version), Description: description, CreatedTime: timeText(createdAt) };
}

function aliasView({ name, description, createdAt, routes }: FlowAlias): object {
  return {
    Name: name,
    Description: description,
    CreatedTime: timeText(createdAt),
    RoutingConfigurations: routes.map(({ version, weight }) => ({ Version: String(version), Weight: weight })),
  };
}

/** JSON text, or flattened as older clients do: `RoutingConfigurations.1.Version=1`. */
function routesOf(parameters: Parameters): AliasRoute[] | undefined {
  const given = parameters.json("RoutingConfigurations") ?? flattened(parameters);
  if (given === undefined) return undefined;
  if (!Array.isArray(given) || given.length === 0 || given.length > ROUTES_MAX) {
    throw invalidArgument('RoutingConfigurations must be a list of {"Version":…,"Weight":…} that is not empty.');
  }
  const routes = given.map(routeOf);
  if (new Set(routes.map(({ version }) => version)).size < routes.length) {
    throw invalidArgument("RoutingConfigurations must name each version once.");
  }
  return routes;
}

function routeOf(value: unknown): AliasRoute {
  const { Version, Weight } = (value ?? {}) as { Version?: unknown; Weight?: unknown };
  const version = Number(Version);
  const weight = Weight === undefined ? 100 : Number(Weight);
  const isRight = Number.isInteger(version) && version >= 1 && weight > 0 && weight <= 100;
  if (isRight && version <= VERSION_MAX) return { version, weight };
  throw invalidArgument(
    `RoutingConfigurations: ${shown(JSON.stringify(value))} must have a Version and a Weight from 1 to 100.`,
  );
}

function flattened(parameters: Parameters): object[] | undefined {
  const routes = new Map<number, Record<string, string>>();
  for (const name of parameters.names) {
    const [, index, member] = /^RoutingConfigurations\.(\d{1,3})\.(Version|Weight)$/.exec(name) ?? [];
    if (index === undefined || member === undefined) continue;
    routes.set(Number(index), { ...routes.get(Number(index)), [member]: parameters.text(name) });
  }
  return routes.size === 0 ? undefined : [...routes].sort(([one], [other]) => one - other).map(([, route]) => route);
}
