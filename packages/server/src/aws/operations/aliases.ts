import { type Operation, page } from "../operation.ts";
import { epochSeconds } from "../operation-types.ts";

export const createStateMachineAlias: Operation<"CreateStateMachineAlias"> = async (input, { catalog }) => {
  const { stateMachineAliasArn, creationDate } = await catalog.createAlias(input);
  return { stateMachineAliasArn, creationDate: epochSeconds(creationDate) };
};

export const updateStateMachineAlias: Operation<"UpdateStateMachineAlias"> = async (input, { catalog }) => {
  const { updateDate } = await catalog.updateAlias(input);
  return { updateDate: epochSeconds(updateDate) };
};

export const describeStateMachineAlias: Operation<"DescribeStateMachineAlias"> = async (input, { catalog }) => {
  const { creationDate, updateDate, ...alias } = await catalog.describeAlias(input.stateMachineAliasArn);
  return { ...alias, creationDate: epochSeconds(creationDate), updateDate: epochSeconds(updateDate) };
};

export const listStateMachineAliases: Operation<"ListStateMachineAliases"> = async (input, context) => {
  const { items, ...next } = await page(context, "ListStateMachineAliases", input, (wanted) =>
    context.catalog.listAliases(input.stateMachineArn, wanted),
  );
  const stateMachineAliases = items.map((item) => ({ ...item, creationDate: epochSeconds(item.creationDate) }));
  return { stateMachineAliases, ...next };
};

export const deleteStateMachineAlias: Operation<"DeleteStateMachineAlias"> = async (input, { catalog }) => {
  await catalog.deleteAlias(input.stateMachineAliasArn);
  return {};
};
