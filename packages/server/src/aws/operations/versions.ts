import type { VersionSummary } from "@stepwell/engine";
import { type Operation, page } from "../operation.ts";
import { epochSeconds, type Output } from "../operation-types.ts";

export const publishStateMachineVersion: Operation<"PublishStateMachineVersion"> = async (input, { catalog }) =>
  onWire(await catalog.publishVersion(input));

export const listStateMachineVersions: Operation<"ListStateMachineVersions"> = async (input, context) => {
  const { items, ...next } = await page(context, "ListStateMachineVersions", input, (wanted) =>
    context.catalog.listVersions(input.stateMachineArn, wanted),
  );
  return { stateMachineVersions: items.map(onWire), ...next };
};

export const deleteStateMachineVersion: Operation<"DeleteStateMachineVersion"> = async (input, { catalog }) => {
  await catalog.deleteVersion(input.stateMachineVersionArn);
  return {};
};

function onWire({ stateMachineVersionArn, creationDate }: VersionSummary): Output<"PublishStateMachineVersion"> {
  return { stateMachineVersionArn, creationDate: epochSeconds(creationDate) };
}
