/**
 * `/api/v1`: what the console asks and AWS's API has no call for. docs/api-v1.md is its contract, `types.ts` its shapes.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Access } from "./access.ts";
import type { ApiContext, ApiRoutes } from "./api-context.ts";
import { ApiRefusal, answerFailure, invalidRequest, notFound } from "./api-failure.ts";
import { executionRoutes } from "./execution-routes.ts";
import { flowRoutes } from "./flow-routes.ts";
import { forkRoutes } from "./fork-routes.ts";
import { heatRoutes } from "./heat-routes.ts";
import { lintRoutes } from "./lint-routes.ts";
import { machineRoutes } from "./machine-routes.ts";
import { mapRunRoutes } from "./map-runs.ts";
import { overviewRoutes } from "./overview.ts";
import { sessionRoutes } from "./session-routes.ts";
import { EventStreams } from "./sse.ts";
import { streamRoutes } from "./streams.ts";
import { triggerRoutes } from "./trigger-routes.ts";
import { waitingRoutes } from "./waiting-routes.ts";

/** One line a group of routes. */
const ROUTES: readonly ApiRoutes[] = [
  overviewRoutes,
  machineRoutes,
  heatRoutes,
  executionRoutes,
  forkRoutes,
  streamRoutes,
  waitingRoutes,
  triggerRoutes,
  lintRoutes,
  flowRoutes,
  mapRunRoutes,
];

export interface ApiOptions extends Omit<ApiContext, "authorize" | "may" | "streams"> {
  readonly access: Access;
  /** Of Stepwell. */
  readonly version: string;
}

export function addApiV1(app: FastifyInstance, { access, version, ...services }: ApiOptions): void {
  app.register(
    async (scope) => {
      const bodies = readJsonBodies(scope);
      answerInJson(scope);
      const context: ApiContext = {
        ...services,
        streams: new EventStreams(scope, access),
        authorize: (request, action, resource) => access.authorize(request, action, resource),
        may: (request, action, resource) => access.may(request, action, resource),
      };
      sessionRoutes(access, version)(scope, context);
      await scope.register(async (inside) => {
        inside.addHook("preValidation", async (request) => {
          await access.admit(request, bodies.get(request) ?? NO_BODY);
        });
        for (const addRoutes of ROUTES) addRoutes(inside, context);
      });
    },
    { prefix: "/api/v1" },
  );
}

const NO_BODY = new Uint8Array();

function answerInJson(scope: FastifyInstance): void {
  scope.setErrorHandler(answerFailure);
  scope.setNotFoundHandler((request, reply) =>
    answerFailure(notFound(`${request.method} ${request.url}: no such call`), request, reply),
  );
  scope.addHook("onSend", async (_request, reply) => {
    reply.header("x-content-type-options", "nosniff");
    if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
  });
}

/**
 * Nothing but JSON is read: a form of another site cannot send that without being asked about it. Gives the bodies as
 * they came, which is what signatures are made of.
 */
function readJsonBodies(scope: FastifyInstance): WeakMap<FastifyRequest, Uint8Array> {
  const bodies = new WeakMap<FastifyRequest, Uint8Array>();
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => {
    bodies.set(request, body as Buffer);
    try {
      done(null, JSON.parse(body.toString("utf8")));
    } catch {
      done(invalidRequest("the body", "JSON"));
    }
  });
  scope.addContentTypeParser("*", (_request, _payload, done) => {
    done(new ApiRefusal(415, "UnsupportedMediaType", "content-type: must be application/json"));
  });
  return bodies;
}
