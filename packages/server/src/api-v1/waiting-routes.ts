/** Who waits for whom: tasks that somebody has to answer, and activities with their queues. */
import { type ApiContext, type ApiRoutes, PAGE_SCHEMA, type PageQuery, queriesOf } from "./api-context.ts";
import { waitingTask } from "./execution-item.ts";
import type { ApiActivity, ApiPage, ApiWaitingTask } from "./types.ts";

export const waitingRoutes: ApiRoutes = (scope, context) => {
  scope.get("/tokens", { schema: { querystring: PAGE_SCHEMA } }, async (request): Promise<ApiPage<ApiWaitingTask>> => {
    context.authorize(request, "stepwell:ListWaitingTasks", "*");
    const mayAnswer = context.may(request, "states:SendTaskSuccess", "*");
    const { items, cursor } = await queriesOf(context).waitingTasks(request.query as PageQuery);
    return { items: items.map((task) => waitingTask(task, mayAnswer)), ...(cursor === undefined ? {} : { cursor }) };
  });
  scope.get("/activities", { schema: { querystring: PAGE_SCHEMA } }, async (request) => {
    context.authorize(request, "states:ListActivities", "*");
    return activities(context, request.query as PageQuery);
  });
};

async function activities(context: ApiContext, page: PageQuery): Promise<ApiPage<ApiActivity>> {
  const { items, cursor } = await context.catalog.listActivities(page);
  const queries = queriesOf(context);
  const shown: ApiActivity[] = [];
  for (const { activityArn, name, creationDate } of items) {
    shown.push({ activityArn, name, creationDate, ...(await queries.activity(activityArn)) });
  }
  return { items: shown, ...(cursor === undefined ? {} : { cursor }) };
}
