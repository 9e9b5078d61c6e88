import { type Operation, page } from "../operation.ts";
import { epochSeconds } from "../operation-types.ts";

export const createActivity: Operation<"CreateActivity"> = async (input, { catalog }) => {
  const { activityArn, creationDate } = await catalog.createActivity(input);
  return { activityArn, creationDate: epochSeconds(creationDate) };
};

export const describeActivity: Operation<"DescribeActivity"> = async (input, { catalog }) => {
  const { creationDate, ...activity } = await catalog.describeActivity(input.activityArn);
  return { ...activity, creationDate: epochSeconds(creationDate) };
};

export const listActivities: Operation<"ListActivities"> = async (input, context) => {
  const { items, ...next } = await page(context, "ListActivities", input, context.catalog.listActivities);
  return { activities: items.map((item) => ({ ...item, creationDate: epochSeconds(item.creationDate) })), ...next };
};

export const deleteActivity: Operation<"DeleteActivity"> = async (input, { catalog }) => {
  await catalog.deleteActivity(input.activityArn);
  return {};
};

/** Waits up to a minute; without a task the answer has no token. */
export const getActivityTask: Operation<"GetActivityTask"> = async (input, context) => {
  await context.catalog.describeActivity(input.activityArn);
  const { activityPollMs, signal } = context;
  const task = await context.executions.getActivityTask(input.activityArn, input.workerName, activityPollMs, signal);
  return task ?? {};
};
