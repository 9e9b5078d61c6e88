/** Flows of CloudFlow in their own words, for who edits them here: to AWS's API they are state machines that it leaves alone. */
import { type ExecutionMode, type Flow, Rejection, stateMachineArnOf } from "@stepwell/engine";
import { flowErrorOf } from "../cloudflow/errors.ts";
import { parseFlow } from "../cloudflow/parse-flow.ts";
import type { ApiRoutes } from "./api-context.ts";
import { ApiRefusal, notFound } from "./api-failure.ts";
import type { ApiFlow, ApiFlowAnswer, ApiFlowChange } from "./flow-types.ts";

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
  // An editor asks this of any machine: that it is no flow is no failure.
  scope.get("/flows/:name", { schema: { params: PARAMS } }, async (request): Promise<ApiFlowAnswer> => {
    const { name } = request.params as { name: string };
    context.authorize(request, "states:DescribeStateMachine", arnOf(name));
    const flow = await context.flows?.describe(name).catch(undefinedIfRefused);
    return { flow: flow === undefined ? null : flowView(flow) };
  });

  scope.post("/flows/:name", { schema: { params: PARAMS, body: CHANGE } }, async (request): Promise<ApiFlow> => {
    const { name } = request.params as { name: string };
    context.authorize(request, "states:UpdateStateMachine", arnOf(name));
    const { definition, etag } = request.body as ApiFlowChange;
    const compile = (mode: ExecutionMode) => parseFlow(definition, mode === "Express" ? "EXPRESS" : "STANDARD");
    const expected = etag === undefined ? {} : { expectedEtag: etag };
    const { flows } = context;
    if (flows === undefined) throw notFound("CloudFlow is not served here");
    return told(() => flows.update(name, { definition, compile, ...expected }));
  });
};

function undefinedIfRefused(error: unknown): undefined {
  if (error instanceof Rejection) return undefined;
  throw error;
}

function flowView({ name, language, executionMode, definition, description, etag }: Flow): ApiFlow {
  return { name, language, executionMode, definition, description, etag };
}

/** Refusals in CloudFlow's own codes. */
async function told(ask: () => Promise<Flow>): Promise<ApiFlow> {
  try {
    return flowView(await ask());
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    const { status, code, message } = flowErrorOf(error);
    throw new ApiRefusal(status, code, message);
  }
}
