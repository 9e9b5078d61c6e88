/** Flows of CloudFlow in their own words, for who edits them here: to AWS's API they are state machines that it leaves alone. */
import { type ExecutionMode, type Flow, Rejection, stateMachineArnOf } from "@stepwell/engine";
import { flowErrorOf } from "../cloudflow/errors.ts";
import { parseFlow } from "../cloudflow/parse-flow.ts";
import type { ApiContext, ApiRoutes } from "./api-context.ts";
import { ApiRefusal, notFound } from "./api-failure.ts";
import type { ApiFlow, ApiFlowChange } from "./flow-types.ts";

const DEFINITION_CHARACTERS_MAX = 1_048_576;
const PARAMS = { type: "object", properties: { name: { type: "string", minLength: 1, maxLength: 128 } } };
const CHANGE = {
  type: "object",
  required: ["definition"],
  additionalProperties: false,
  properties: {
    definition: { type: "string", minLength: 1, maxLength: DEFINITION_CHARACTERS_MAX },
    etag: { type: "string", minLength: 1, maxLength: 200 },
  },
};

export const flowRoutes: ApiRoutes = (scope, context) => {
  const arnOf = (name: string): string => stateMachineArnOf(context.identity, name);
  scope.get("/flows/:name", { schema: { params: PARAMS } }, async (request): Promise<ApiFlow> => {
    const { name } = request.params as { name: string };
    context.authorize(request, "states:DescribeStateMachine", arnOf(name));
    return told(() => flowsOf(context).describe(name));
  });

  scope.post("/flows/:name", { schema: { params: PARAMS, body: CHANGE } }, async (request): Promise<ApiFlow> => {
    const { name } = request.params as { name: string };
    context.authorize(request, "states:UpdateStateMachine", arnOf(name));
    const { definition, etag } = request.body as ApiFlowChange;
    const compile = (mode: ExecutionMode) => parseFlow(definition, mode === "Express" ? "EXPRESS" : "STANDARD");
    const expected = etag === undefined ? {} : { expectedEtag: etag };
    return told(() => flowsOf(context).update(name, { definition, compile, ...expected }));
  });
};

function flowsOf({ flows }: ApiContext): NonNullable<ApiContext["flows"]> {
  if (flows === undefined) throw notFound("CloudFlow is not served here");
  return flows;
}

/** Refusals in CloudFlow's own codes. */
async function told(ask: () => Promise<Flow>): Promise<ApiFlow> {
  try {
    const { name, language, executionMode, definition, description, etag } = await ask();
    return { name, language, executionMode, definition, description, etag };
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    const { status, code, message } = flowErrorOf(error);
    throw new ApiRefusal(status, code, message);
  }
}
