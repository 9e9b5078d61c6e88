import type { Diagnostic } from "@stepwell/core";
import {
  mapStateOfRevision,
  parseExecutionArn,
  type RevisionDescription,
  type StateMachineDescription,
} from "@stepwell/engine";
import { type Operation, page } from "../operation.ts";
import { epochSeconds, type Output } from "../operation-types.ts";
import { processorDefinition } from "./processor-definition.ts";

export const createStateMachine: Operation<"CreateStateMachine"> = async (input, { catalog }) => {
  const { creationDate, ...created } = await catalog.createStateMachine(input);
  return { ...created, creationDate: epochSeconds(creationDate) };
};

export const updateStateMachine: Operation<"UpdateStateMachine"> = async (input, { catalog }) => {
  const { updateDate, ...updated } = await catalog.updateStateMachine(input);
  return { ...updated, updateDate: epochSeconds(updateDate) };
};

export const deleteStateMachine: Operation<"DeleteStateMachine"> = async (input, { catalog }) => {
  await catalog.deleteStateMachine(input.stateMachineArn);
  return {};
};

export const describeStateMachine: Operation<"DescribeStateMachine"> = async (input, { catalog }) => {
  const described: StateMachineDescription = await catalog.describeStateMachine(input.stateMachineArn);
  return {
    ...revisionMembers(described, input.includedData),
    status: described.status,
    type: described.type,
    creationDate: epochSeconds(described.creationDate),
    ...(described.description === undefined ? {} : { description: described.description }),
  };
};

export const describeStateMachineForExecution: Operation<"DescribeStateMachineForExecution"> = async (
  input,
  { catalog, executions },
) => {
  parseExecutionArn(input.executionArn);
  const { revisionKey, stateMachineArn, mapRunArn } = await executions.describe(input.executionArn);
  const described = await catalog.describeRevision(revisionKey);
  const updateDate = epochSeconds(described.updateDate);
  const members = revisionMembers(described, input.includedData);
  const stateName = mapStateOfRevision(revisionKey);
  if (stateName === undefined || mapRunArn === undefined) return { ...members, updateDate };
  return {
    ...members,
    stateMachineArn,
    definition: processorDefinition(members.definition ?? "{}", stateName),
    mapRunArn,
    label: stateMachineArn.slice(stateMachineArn.indexOf("/") + 1),
    updateDate,
  };
};

export const listStateMachines: Operation<"ListStateMachines"> = async (input, context) => {
  const { items, ...next } = await page(context, "ListStateMachines", input, context.catalog.listStateMachines);
  const stateMachines = items.map((item) => ({ ...item, creationDate: epochSeconds(item.creationDate) }));
  return { stateMachines, ...next };
};

const DIAGNOSTICS_MAX = 100;

export const validateStateMachineDefinition: Operation<"ValidateStateMachineDefinition"> = async (
  input,
  { catalog },
) => {
  const found = catalog.validateDefinition(input.definition, input.type ?? "STANDARD");
  const shown = found.filter((diagnostic) => diagnostic.severity === "ERROR" || input.severity === "WARNING");
  const limit = input.maxResults || DIAGNOSTICS_MAX;
  return {
    result: found.some((diagnostic) => diagnostic.severity === "ERROR") ? "FAIL" : "OK",
    diagnostics: shown.slice(0, limit).map(diagnosticMembers),
    truncated: shown.length > limit,
  };
};

function diagnosticMembers({ severity, code, message, location }: Diagnostic): {
  severity: Diagnostic["severity"];
  code: string;
  message: string;
  location?: string;
} {
  return { severity, code, message, ...(location === undefined ? {} : { location }) };
}

type RevisionMembers = Pick<
  Output<"DescribeStateMachine">,
  | "stateMachineArn"
  | "name"
  | "definition"
  | "roleArn"
  | "loggingConfiguration"
  | "tracingConfiguration"
  | "encryptionConfiguration"
  | "revisionId"
  | "variableReferences"
>;

/** What is told of a revision; with METADATA_ONLY nothing that its encryption would hide. */
function revisionMembers(described: RevisionDescription, includedData: string | undefined): RevisionMembers {
  const hidden = includedData === "METADATA_ONLY";
  const { variableReferences, revisionId } = described;
  return {
    stateMachineArn: described.stateMachineArn,
    name: described.name,
    definition: hidden ? "{}" : described.definition,
    roleArn: described.roleArn,
    loggingConfiguration: described.loggingConfiguration,
    tracingConfiguration: described.tracingConfiguration,
    encryptionConfiguration: described.encryptionConfiguration,
    ...(revisionId === undefined ? {} : { revisionId }),
    ...(hidden || variableReferences.size === 0 ? {} : { variableReferences: Object.fromEntries(variableReferences) }),
  };
}
