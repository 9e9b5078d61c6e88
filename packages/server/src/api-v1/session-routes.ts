import type { FastifyRequest } from "fastify";
import type { Access } from "./access.ts";
import type { ApiRoutes } from "./api-context.ts";
import type { Session } from "./sessions.ts";
import type { ApiLogin, ApiSession } from "./types.ts";

const LOGIN_SCHEMA = {
  type: "object",
  required: ["accessKeyId", "secretAccessKey"],
  properties: {
    accessKeyId: { type: "string", minLength: 1, maxLength: 128 },
    secretAccessKey: { type: "string", minLength: 1, maxLength: 4_096 },
  },
};

/** Logging in and out, and who is logged in. These ask for no session: they give it. */
export function sessionRoutes(access: Access, version: string): ApiRoutes {
  return (scope, { identity }) => {
    const shown = (session: Session | undefined): ApiSession => {
      const csrfToken = session && access.csrfToken(session);
      return {
        auth: access.isAsked,
        version,
        accountId: identity.accountId,
        region: identity.region,
        ...(session === undefined ? {} : { user: userOf(session) }),
        ...(csrfToken === undefined ? {} : { csrfToken }),
      };
    };
    scope.get("/session", async (request) => {
      access.mustBeFromHere(request);
      return shown(await access.session(request));
    });
    scope.post("/session", { schema: { body: LOGIN_SCHEMA } }, async (request: FastifyRequest, reply) => {
      access.mustBeFromHere(request);
      const { session, setCookie } = await access.login(request, request.body as ApiLogin);
      reply.header("set-cookie", setCookie);
      return shown(session);
    });
    scope.delete("/session", async (request, reply) => {
      access.mustBeFromHere(request);
      const setCookie = await access.logout(request);
      if (setCookie !== undefined) reply.header("set-cookie", setCookie);
      return reply.code(204).send();
    });
  };
}

function userOf({ key }: Session): NonNullable<ApiSession["user"]> {
  return { accessKeyId: key.accessKeyId, name: key.principalArn.split("/").at(-1) ?? key.principalArn };
}
