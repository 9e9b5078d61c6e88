/** Rules and schedules that start state machines, by the ARN of the rule or schedule. */
import type { Trigger, TriggerContent, Triggers } from "@stepwell/engine";
import { type ApiContext, type ApiRoutes, ARN_PARAMS, PAGE_SCHEMA, type PageQuery } from "./api-context.ts";
import { ApiRefusal, notFound } from "./api-failure.ts";
import type { ApiPage } from "./types.ts";

const TEXT = { type: "string", maxLength: 8_192 };
const ARN = { type: "string", minLength: 1, maxLength: 1_600 };

const TARGET_SCHEMA = {
  type: "object",
  required: ["id", "arn"],
  additionalProperties: false,
  properties: {
    id: { type: "string", minLength: 1, maxLength: 64 },
    arn: ARN,
    input: { type: "string", maxLength: 262_144 },
    inputPath: { type: "string", maxLength: 256 },
    inputTransformer: {
      type: "object",
      required: ["inputPathsMap", "inputTemplate"],
      additionalProperties: false,
      properties: {
        inputPathsMap: { type: "object", additionalProperties: { type: "string", maxLength: 256 }, maxProperties: 100 },
        inputTemplate: TEXT,
      },
    },
  },
};

/** AWS's members, with small initials. */
const CONTENT_SCHEMA = {
  type: "object",
  required: ["state", "targets"],
  additionalProperties: false,
  properties: {
    scheduleExpression: { type: "string", maxLength: 256 },
    scheduleExpressionTimezone: { type: "string", minLength: 1, maxLength: 50 },
    startDate: { type: "integer" },
    endDate: { type: "integer" },
    actionAfterCompletion: { type: "string", enum: ["NONE", "DELETE"] },
    eventPattern: { type: "object" },
    state: { type: "string", enum: ["ENABLED", "DISABLED"] },
    targets: { type: "array", maxItems: 5, items: TARGET_SCHEMA },
  },
};

export const triggerRoutes: ApiRoutes = (scope, context) => {
  scope.get("/triggers", { schema: { querystring: PAGE_SCHEMA } }, async (request): Promise<ApiPage<Trigger>> => {
    context.authorize(request, "stepwell:ListTriggers", "*");
    const { limit, cursor } = request.query as PageQuery;
    const found = await triggersOf(context).list(cursor, limit + 1);
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return { items, ...(found.length > limit && last !== undefined ? { cursor: last.arn } : {}) };
  });
  scope.get("/triggers/:arn", { schema: { params: ARN_PARAMS } }, async (request): Promise<Trigger> => {
    const { arn } = request.params as { arn: string };
    context.authorize(request, "stepwell:DescribeTrigger", arn);
    const found = await triggersOf(context).find(arn);
    if (found === undefined) throw notFound(`there is no rule and no schedule ${arn}`);
    return found;
  });
  scope.put("/triggers/:arn", { schema: { params: ARN_PARAMS, body: CONTENT_SCHEMA } }, async (request) => {
    const { arn } = request.params as { arn: string };
    const content = request.body as TriggerContent;
    context.authorize(request, "stepwell:PutTrigger", arn);
    // Whoever makes it starts executions.
    for (const target of content.targets) context.authorize(request, "states:StartExecution", target.arn);
    return triggersOf(context).put(arn, content);
  });
  scope.delete("/triggers/:arn", { schema: { params: ARN_PARAMS } }, async (request, reply) => {
    const { arn } = request.params as { arn: string };
    context.authorize(request, "stepwell:DeleteTrigger", arn);
    if (!(await triggersOf(context).delete(arn))) throw notFound(`there is no rule and no schedule ${arn}`);
    return reply.code(204).send();
  });
};

function triggersOf({ triggers }: ApiContext): Triggers {
  if (triggers === undefined) throw new ApiRefusal(503, "NotOffered", "Rules and schedules are not served here.");
  return triggers;
}
