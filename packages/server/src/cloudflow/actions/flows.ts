/** CreateFlow, UpdateFlow, DeleteFlow, DescribeFlow, ListFlows (cloudflow.md 3.1). */
import type { ExecutionMode, Flow, FlowEnvironment } from "@stepwell/engine";
import { type Actions, timeText, tokenOf } from "../action.ts";
import { invalidArgument } from "../errors.ts";
import type { Parameters } from "../parameters.ts";
import { parseFlow } from "../parse-flow.ts";

const LIST_DEFAULT = 60;
const LIST_MAX = 999;

export const FLOW_ACTIONS: Actions = {
  CreateFlow: {
    awsAction: "CreateStateMachine",
    flowParameter: "Name",
    required: ["Name", "Definition", "Description", "Type"],
    async perform({ flows, parameters, tag }) {
      const name = parameters.name("Name");
      checkType(parameters);
      const executionMode = modeOf(parameters);
      const definition = parameters.required("Definition");
      const compiled = parseFlow(definition, executionMode === "Express" ? "EXPRESS" : "STANDARD");
      const content = {
        definition,
        compiled,
        description: parameters.text("Description"),
        roleArn: parameters.text("RoleArn"),
        ...optionalContent(parameters),
      };
      const flow = await flows.create({ name, executionMode, ...content });
      tag(flow.etag);
      return flowView(flow);
    },
  },

  UpdateFlow: {
    awsAction: "UpdateStateMachine",
    flowParameter: "Name",
    required: ["Name"],
    async perform({ flows, parameters, expectedEtag, tag }) {
      const name = parameters.required("Name");
      if (parameters.text("Type") !== "") checkType(parameters);
      const definition = parameters.optional("Definition") || undefined;
      const description = parameters.optional("Description");
      const roleArn = parameters.optional("RoleArn");
      const flow = await flows.update(name, {
        ...(definition === undefined
          ? {}
          : {
              definition,
              compile: (mode: ExecutionMode) => parseFlow(definition, mode === "Express" ? "EXPRESS" : "STANDARD"),
            }),
        ...(description === undefined ? {} : { description }),
        ...(roleArn === undefined ? {} : { roleArn }),
        ...optionalContent(parameters),
        ...(expectedEtag === undefined ? {} : { expectedEtag }),
      });
      tag(flow.etag);
      return { ...flowView(flow), ExternalStorageLocation: flow.externalStorageLocation ?? "" };
    },
  },

  DeleteFlow: {
    awsAction: "DeleteStateMachine",
    flowParameter: "Name",
    required: ["Name"],
    async perform({ flows, schedules, parameters, expectedEtag }) {
      const name = parameters.required("Name");
      await flows.delete(name, expectedEtag);
      await schedules.forget(name);
      return {};
    },
  },

  DescribeFlow: {
    awsAction: "DescribeStateMachine",
    flowParameter: "Name",
    required: ["Name"],
    async perform({ flows, parameters, tag }) {
      const isLatest = parameters.text("FlowVersion") === "LATEST";
      const version = isLatest ? undefined : parameters.number("FlowVersion", 1, 999_999_999);
      const flow = await flows.describe(parameters.required("Name"), version);
      tag(flow.etag);
      return flowView(flow);
    },
  },

  ListFlows: {
    awsAction: "ListStateMachines",
    required: [],
    async perform({ flows, parameters }) {
      const limit = parameters.number("Limit", 1, LIST_MAX) ?? LIST_DEFAULT;
      const group = parameters.text("ResourceGroupId");
      const from = tokenOf(parameters);
      const page = await flows.list(from, limit);
      const items = page.items.filter((flow) => group === "" || (flow.resourceGroupId ?? "") === group);
      return { Flows: items.map(flowView), ...(page.next === undefined ? {} : { NextToken: page.next }) };
    },
  },
};

function flowView(flow: Flow): object {
  return {
    Type: "FDL",
    Definition: flow.definition,
    RoleArn: flow.roleArn,
    Description: flow.description,
    Name: flow.name,
    CreatedTime: timeText(flow.createdAt),
    LastModifiedTime: timeText(flow.modifiedAt),
    Id: flow.id,
    ExecutionMode: flow.executionMode,
    Environment: flow.environment ?? { Variables: [] },
    ResourceGroupId: flow.resourceGroupId ?? "",
  };
}

function checkType(parameters: Parameters): void {
  const type = parameters.required("Type");
  if (type !== "FDL") throw invalidArgument(`Type must be FDL, got '${type}'.`);
}

function modeOf(parameters: Parameters): ExecutionMode {
  const mode = parameters.text("ExecutionMode");
  if (mode === "" || mode === "Standard") return "Standard";
  if (mode === "Express") return mode;
  throw invalidArgument(`ExecutionMode must be Standard, Express or empty, got '${mode}'.`);
}

function optionalContent(parameters: Parameters): {
  externalStorageLocation?: string;
  environment?: FlowEnvironment;
  resourceGroupId?: string;
} {
  const externalStorageLocation = parameters.optional("ExternalStorageLocation");
  const environment = environmentOf(parameters);
  const resourceGroupId = parameters.optional("ResourceGroupId");
  return {
    ...(externalStorageLocation === undefined ? {} : { externalStorageLocation }),
    ...(environment === undefined ? {} : { environment }),
    ...(resourceGroupId === undefined ? {} : { resourceGroupId }),
  };
}

function environmentOf(parameters: Parameters): FlowEnvironment | undefined {
  const value = parameters.json("Environment");
  if (value === undefined) return undefined;
  const variables = (value as { Variables?: unknown } | null)?.Variables ?? [];
  if (!Array.isArray(variables) || !variables.every(isVariable)) {
    throw invalidArgument('Environment must be {"Variables":[{"Name":…,"Value":…}]}.');
  }
  return {
    Variables: variables.map(({ Name, Value, Description }) => ({ Name, Value, ...(Description && { Description }) })),
  };
}

function isVariable(value: unknown): value is FlowEnvironment["Variables"][number] {
  const { Name, Value, Description } = (value ?? {}) as { Name?: unknown; Value?: unknown; Description?: unknown };
  const isDescribed = Description === undefined || typeof Description === "string";
  return typeof Name === "string" && typeof Value === "string" && isDescribed;
}
