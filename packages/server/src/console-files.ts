/**
 * The console's files at /console/. Its pages are routes of its own: what is no file is answered with its one page.
 *
 * C1. Nothing but the console's own files runs or is loaded: the policy allows no other source and nothing inline.
 * C2. No other site shows it in a frame.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { Access } from "./api-v1/access.ts";
import { ApiRefusal } from "./api-v1/api-failure.ts";

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

const HEADERS = {
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

const YEAR_SECONDS = 31_536_000;

const NOT_BUILT = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Stepwell</title></head>
<body>
<h1>The console is not built</h1>
<p>This Stepwell runs from its source. Build the console once, and start the service again:</p>
<pre>npm run build -w packages/console</pre>
<p>The AWS Step Functions API is served at this address all the same.</p>
</body>
</html>
`;

/** `directory`: with the built console's index.html and assets. */
export function addConsole(app: FastifyInstance, access: Access, directory: string | undefined): void {
  app.get("/console", async (_request, reply) => reply.redirect("/console/"));
  app.register(
    async (scope) => {
      scope.addHook("onRequest", async (_request, reply) => void reply.headers(HEADERS));
      scope.setErrorHandler((error, _request, reply) => {
        const status = error instanceof ApiRefusal ? error.status : 404;
        reply
          .code(status)
          .type("text/plain; charset=utf-8")
          .send(status === 404 ? "Not found" : String(error));
      });
      scope.addHook("onRequest", async (request) => access.mustBeOpenedHere(request));
      if (directory === undefined || !existsSync(join(directory, "index.html"))) {
        const notBuilt = (reply: FastifyReply): FastifyReply =>
          reply.code(503).type("text/html; charset=utf-8").header("cache-control", "no-store").send(NOT_BUILT);
        scope.get("/*", async (_request, reply) => notBuilt(reply));
        return;
      }
      await serveFiles(scope, directory);
    },
    { prefix: "/console" },
  );
}

async function serveFiles(scope: FastifyInstance, directory: string): Promise<void> {
  await scope.register(fastifyStatic, {
    root: directory,
    prefix: "/",
    // Source maps are for who has the source.
    allowedPath: (path) => !path.endsWith(".map"),
    cacheControl: false,
    index: false,
    wildcard: false,
    serve: false,
  });
  scope.get("/*", async (request, reply) => {
    const path = decodedPath((request.params as { "*": string })["*"]);
    // Names of machines and runs may have points in them: only these two places hold files.
    const isFile = path.startsWith("assets/") || path === "icon.svg";
    if (!isFile) return page(reply);
    // Files below assets/ have their content's hash in their names.
    reply.header(
      "cache-control",
      path.startsWith("assets/") ? `public, max-age=${YEAR_SECONDS}, immutable` : "no-cache",
    );
    return reply.sendFile(path);
  });
}

/** Names of files are no texts with escapes left in them. */
function decodedPath(path: string): string {
  return path.includes("%") ? "" : path;
}

function page(reply: FastifyReply): FastifyReply {
  return reply.header("cache-control", "no-cache").type("text/html; charset=utf-8").sendFile("index.html");
}
