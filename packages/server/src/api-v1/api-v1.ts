/**
 * `/api/v1`: what the console asks and AWS's API has no call for. docs/api-v1.md is its contract, `types.ts` its shapes.
 */
import type { FastifyInstance } from "fastify";
import type { ApiContext, ApiRoutes } from "./api-context.ts";
import { ApiRefusal, answerFailure, invalidRequest, notFound } from "./api-failure.ts";

/** One line a group of routes. */
const ROUTES: readonly ApiRoutes[] = [];

export function addApiV1(app: FastifyInstance, context: ApiContext): void {
  app.register(
    async (scope) => {
      readJsonBodies(scope);
      scope.setErrorHandler(answerFailure);
      scope.setNotFoundHandler((request, reply) =>
        answerFailure(notFound(`${request.method} ${request.url}: no such call`), request, reply),
      );
      scope.addHook("onSend", async (_request, reply) => {
        reply.header("x-content-type-options", "nosniff");
        if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
      });
      for (const addRoutes of ROUTES) addRoutes(scope, context);
    },
    { prefix: "/api/v1" },
  );
}

/** Nothing but JSON is read: a form of another site cannot send that without being asked about it. */
function readJsonBodies(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => {
    try {
      done(null, JSON.parse((body as Buffer).toString("utf8")));
    } catch {
      done(invalidRequest("the body", "JSON"));
    }
  });
  scope.addContentTypeParser("*", (_request, _payload, done) => {
    done(new ApiRefusal(415, "UnsupportedMediaType", "content-type: must be application/json"));
  });
}
