import type { ForkRequest } from "@stepwell/engine";
import { type ApiContext, type ApiRoutes, ARN_PARAMS } from "./api-context.ts";
import { invalidRequest } from "./api-failure.ts";
import type { ApiFork, ApiForkAnswer } from "./types.ts";

const DEFINITION_CHARACTERS_MAX = 1_048_576;

const FORK_SCHEMA = {
  type: "object",
  required: ["at"],
  properties: {
    at: {
      type: "object",
      properties: {
        eventId: { type: "integer", minimum: 1 },
        stateName: { type: "string", minLength: 1, maxLength: 256 },
      },
      additionalProperties: false,
      minProperties: 1,
      maxProperties: 1,
    },
    input: {},
    definition: { type: "string", minLength: 1, maxLength: DEFINITION_CHARACTERS_MAX },
    stateMachineVersionArn: { type: "string", minLength: 1, maxLength: 2_048 },
    name: { type: "string", minLength: 1, maxLength: 80 },
  },
};

/** POST /executions/:arn/fork. */
export const forkRoutes: ApiRoutes = (scope, context) => {
  scope.post("/executions/:arn/fork", { schema: { params: ARN_PARAMS, body: FORK_SCHEMA } }, async (request) => {
    const { arn } = request.params as { arn: string };
    context.authorize(request, "stepwell:ForkExecution", arn);
    return fork(context, arn, request.body as ApiFork, (stateMachineArn) => {
      // It starts an execution, and may run what nobody has put under the machine's name.
      context.authorize(request, "states:StartExecution", stateMachineArn);
    });
  });
};

async function fork(
  { catalog, executions }: ApiContext,
  executionArn: string,
  { at, input, definition, stateMachineVersionArn, name }: ApiFork,
  mayStart: (stateMachineArn: string) => void,
): Promise<ApiForkAnswer> {
  if (definition !== undefined && stateMachineVersionArn !== undefined) {
    throw invalidRequest("definition, stateMachineVersionArn", "one of them at most");
  }
  // A child of a map run belongs to its parent's machine.
  const [stateMachineArn = ""] = (await executions.describe(executionArn)).stateMachineArn.split("/", 1);
  mayStart(stateMachineArn);
  const request: ForkRequest = {
    executionArn,
    at,
    ...(input === undefined ? {} : { input: JSON.stringify(input) }),
    ...(stateMachineVersionArn === undefined ? {} : { stateMachineVersionArn }),
    ...(definition === undefined ? {} : { revisionKey: await catalog.keepRevision(stateMachineArn, definition) }),
    ...(name === undefined ? {} : { name }),
  };
  return executions.fork(request);
}
