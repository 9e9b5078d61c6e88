import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseFunctionReference, parseHandler } from "@stepwell/connectors";
import { afterAll, describe, expect, it } from "vitest";
import { ConfigError } from "./config-error.ts";
import { CONFIG_SCHEMA } from "./config-schema.ts";
import type { ConfigEnvironment, ConfigFlags } from "./load-config.ts";
import { loadConfig } from "./load-config.ts";

const directory = mkdtempSync(join(tmpdir(), "stepwell-config-"));
const file = join(directory, "stepwell.yaml");
afterAll(() => rmSync(directory, { recursive: true }));

function load(text: string, env: ConfigEnvironment = {}, flags: ConfigFlags = {}) {
  writeFileSync(file, text);
  return loadConfig(file, env, flags);
}

/** Every line of the error, without the directory. */
async function mistakes(text: string, env: ConfigEnvironment = {}, flags: ConfigFlags = {}): Promise<string[]> {
  const error = await load(text, env, flags).then(
    () => new Error("The configuration must be refused"),
    (error: Error) => error,
  );
  expect(error).toBeInstanceOf(ConfigError);
  return error.message.replaceAll(`${directory}/`, "").split("\n");
}

describe("stepwell.yaml", () => {
  it("takes the region of AWS's own tools where nothing else says one", async () => {
    expect(await load("", { AWS_REGION: "eu-north-1", AWS_DEFAULT_REGION: "eu-west-1" })).toMatchObject({
      region: "eu-north-1",
    });
    expect(await load("", { AWS_DEFAULT_REGION: "eu-west-1" })).toMatchObject({ region: "eu-west-1" });
    expect(await load("region: us-west-2\n", { AWS_REGION: "eu-north-1" })).toMatchObject({ region: "us-west-2" });
    expect(await load("", { AWS_REGION: "no region" })).toMatchObject({ region: "us-east-1" });
  });

  it("may be empty: everything has a default", async () => {
    expect(await load("# nothing yet\n")).toEqual({
      file,
      baseDirectory: directory,
      region: "us-east-1",
      account: "123456789012",
      port: 8083,
      data: join(directory, ".stepwell"),
      cloudflow: {},
      isDataGiven: false,
      peers: {},
      limits: { profile: "strict" },
      decisions: {},
      logs: {},
      functions: {},
      services: {},
      buckets: {},
    });
  });

  it("says with which certificates nodes reach each other", async () => {
    const config = await load("peers: { tls: { cert: tls/node.pem, key: tls/node.key, name: peers } }\n");
    expect(config.peers.tls).toEqual({
      cert: join(directory, "tls/node.pem"),
      key: join(directory, "tls/node.key"),
      name: "peers",
    });
    const env = {
      STEPWELL_PEERS_TLS_CERT: "/c.pem",
      STEPWELL_PEERS_TLS_KEY: "/k.pem",
      STEPWELL_PEERS_TLS_CA: "/ca.pem",
    };
    expect((await loadConfig(file, env)).peers.tls).toMatchObject({ cert: "/c.pem", key: "/k.pem", ca: "/ca.pem" });
    await expect(load("peers: { tls: { ca: ca.pem } }\n")).rejects.toThrow(
      /\/peers\/tls: needs cert and key beside each/,
    );
  });

  it("says where logs and events go", async () => {
    const config = await load(
      "logs: { sink: file, path: log/all.jsonl }\nevents: { sink: webhook }\nauth: keys.yaml\n",
      { STEPWELL_EVENTS_URL: "http://localhost:9/hook", STEPWELL_LOGS_SINK: "stdout" },
    );
    expect(config.logs).toEqual({ sink: "stdout", path: join(directory, "log/all.jsonl") });
    expect(config.events).toEqual({ sink: "webhook", url: "http://localhost:9/hook" });
    expect(config.auth).toBe(join(directory, "keys.yaml"));
    expect(await mistakes("events: { sink: webhook }\n")).toEqual([
      "stepwell.yaml:1:1: /events: the sink webhook needs url beside it",
    ]);
    expect(await mistakes("logs: { sink: paper }\n", { STEPWELL_EVENTS_URL: "nowhere" })).toEqual([
      'stepwell.yaml:1:9: /logs/sink: must be file, stdout, cloudwatch or none, got "paper"',
      'STEPWELL_EVENTS_URL: must be an http:// or https:// URL, got "nowhere"',
      expect.stringContaining("/events: needs sink"),
    ]);
  });

  it("need not be there, unless it is named", async () => {
    expect((await loadConfig(undefined, {})).baseDirectory).toBe(process.cwd());
    await expect(loadConfig(join(directory, "nowhere.yaml"), {})).rejects.toThrow(ConfigError);
    await expect(loadConfig(undefined, { STEPWELL_CONFIG: join(directory, "nowhere.yaml") })).rejects.toThrow(
      "nowhere.yaml",
    );
  });

  it("maps functions by name or ARN", async () => {
    const { functions } = await load(`
functions:
  CountCSV: { handler: ./functions.ts#countCsv, env: {K: V}, timeoutSeconds: 30, memoryMb: 256, concurrency: 4 }
  PyOne: { handler: "./fn.py:handler", fallback: ./functions.ts#one }
  Exec:live: { command: [./bootstrap] }
  arn:aws:lambda:us-east-1:123456789012:function:Web: { url: http://localhost:9000/invoke }
`);
    expect(functions).toEqual({
      CountCSV: {
        handler: "./functions.ts#countCsv",
        env: { K: "V" },
        timeoutSeconds: 30,
        memoryMb: 256,
        concurrency: 4,
      },
      PyOne: { handler: "./fn.py:handler", fallback: "./functions.ts#one" },
      "Exec:live": { command: ["./bootstrap"] },
      "arn:aws:lambda:us-east-1:123456789012:function:Web": { url: "http://localhost:9000/invoke" },
    });
  });

  it("is weaker than the environment, which is weaker than flags", async () => {
    const text = "region: eu-west-1\nport: 1\ndata: state\nlimits: {profile: strict}\n";
    expect(await load(text)).toMatchObject({ region: "eu-west-1", port: 1, data: join(directory, "state") });
    const env = {
      STEPWELL_PORT: "2",
      STEPWELL_DATA: "other",
      STEPWELL_LIMITS_PROFILE: "extended",
      STEPWELL_REGION: "",
    };
    expect(await load(text, env)).toMatchObject({
      region: "eu-west-1",
      port: 2,
      data: resolve("other"),
      limits: { profile: "extended" },
    });
    expect(
      await load(text, env, { port: "3", data: "/third", limits: "strict", account: "210987654321" }),
    ).toMatchObject({
      port: 3,
      data: "/third",
      limits: { profile: "strict" },
      account: "210987654321",
    });
  });

  it("takes variables of the server into a function's environment", async () => {
    const text = `functions: {F: {command: [x], env: {A: 'a-\${TOKEN}-\${TOKEN}', B: '$\${TOKEN}', C: '$5', D: '\${NO:-./d}', E: '\${TOKEN:-x}'}}}`;
    expect((await load(text, { TOKEN: "t" })).functions["F"]).toEqual({
      command: ["x"],
      env: { A: "a-t-t", B: `\${TOKEN}`, C: "$5", D: "./d", E: "t" },
    });
    expect(await mistakes(text)).toEqual([
      `stepwell.yaml:1:37: /functions/F/env/A: \${TOKEN} is not set in the environment of the server`,
    ]);
  });

  it("keeps __proto__ as data", async () => {
    const { functions } = await load("functions: {__proto__: {command: [x], env: {__proto__: v}}}");
    expect(Object.entries(functions)).toHaveLength(1);
    expect(({} as Record<string, unknown>)["command"]).toBeUndefined();
  });
});

describe("a mistake in stepwell.yaml", () => {
  it.each([
    [
      "functoins: {}",
      "1:1: /functoins: unknown key; known here: region, account, port, cloudflow, data, database, peers, limits, decisions, logs, events, auth, endpoints, profile, connections, http, tasks, jobs, mockConfig, buckets, stateMachines, functions; got {}",
    ],
    [
      "functions:\n  F:\n    handlr: ./a.ts\n    command: [x]",
      '3:5: /functions/F/handlr: unknown key; known here: handler, fallback, command, url, env, timeoutSeconds, memoryMb, concurrency; got "./a.ts"',
    ],
    [
      "functions: {F: {timeoutSeconds: 3}}",
      '1:13: /functions/F: must have exactly one of handler, command, url, got {"timeoutSeconds":3}',
    ],
    [
      "functions:\n  F: {handler: ./a.ts, url: 'http://x/'}",
      "2:3: /functions/F: must have exactly one of handler, command, url, got ",
    ],
    [
      "functions: {F: {handler: ./a.rb}}",
      '1:17: /functions/F/handler: must be "<file>.js|.mjs|.ts#<export>" or "<file>.py:<function>", got "./a.rb"',
    ],
    [
      "functions: {F: {command: []}}",
      "1:17: /functions/F/command: must be a list: the executable, then its arguments, got []",
    ],
    ["functions: {F: {command: [a, 5]}}", "1:30: /functions/F/command/1: must be a text that is not empty, got 5"],
    ["functions: {F: {url: ftp://x}}", '1:17: /functions/F/url: must be an http:// or https:// URL, got "ftp://x"'],
    [
      "functions: {F: {url: 'http://x', env: {A: b}}}",
      "1:34: /functions/F/env: does not apply to a function behind a url, got a map",
    ],
    ["functions: {F: {command: [x], fallback: ./a.ts}}", "1:31: /functions/F/fallback: needs handler beside it"],
    [
      "functions: {F: {command: [x], env: {A: 5}}}",
      "1:37: /functions/F/env/A: must be a text: put it in quotes, got a number",
    ],
    [
      "functions: {F: {command: [x], env: {A-B: '5'}}}",
      '1:37: /functions/F/env/A-B: the key must be the name of an environment variable, got "A-B"',
    ],
    [
      "functions: {F: {command: [x], timeoutSeconds: 30s}}",
      '1:31: /functions/F/timeoutSeconds: must be a whole number from 1 to 86400, got "30s"',
    ],
    ["functions: {a b: {command: [x]}}", `1:13: /functions/a b: the key must be a function's name or ARN, got "a b"`],
    ["functions: [x]", '1:1: /functions: must be a map of functions, got ["x"]'],
    ["account: 123456789012", "1:1: /account: must be twelve digits, in quotes, got 123456789012"],
    ["limits: {profile: loose}", '1:10: /limits/profile: must be strict or extended, got "loose"'],
    ["port: 65536", "1:1: /port: must be a whole number from 0 to 65535, got 65536"],
    ["- a", '1:1: must be a map, got ["a"]'],
  ])("%s", async (text, expected) => {
    const lines = await mistakes(text);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`stepwell.yaml:${expected}`);
  });

  it("of YAML itself is told with its line: a doubled key, a bad indent, two documents", async () => {
    expect(await mistakes("functions:\n  F: {}\n  F: {}\n")).toEqual(["stepwell.yaml:3:3: Map keys must be unique"]);
    expect((await mistakes("a: [1"))[0]).toMatch(/^stepwell.yaml:1:6: /);
    expect((await mistakes("a: 1\n---\nb: 2\n"))[0]).toMatch(/^stepwell.yaml:2:1: /);
  });

  it("is told together with all others", async () => {
    expect(await mistakes("port: x\nregion: 5\nfoo: 1\n", { STEPWELL_PORT: "y" }, { limits: "z" })).toEqual([
      expect.stringContaining("stepwell.yaml:3:1: /foo: unknown key"),
      "stepwell.yaml:2:1: /region: must be the name of an AWS region, such as us-east-1, got 5",
      'stepwell.yaml:1:1: /port: must be a whole number from 0 to 65535, got "x"',
      'STEPWELL_PORT: must be a whole number from 0 to 65535, got "y"',
      '--limits: must be strict or extended, got "z"',
    ]);
  });

  it("of size is refused before it is parsed", async () => {
    expect(await mistakes(`# ${"x".repeat(1_100_000)}`)).toEqual(["stepwell.yaml: must be at most 1048576 bytes"]);
  });
});

describe("the schema and the connectors agree", () => {
  const functionSchema = CONFIG_SCHEMA.properties!["functions"]!;
  const handlerPattern = new RegExp(
    (functionSchema.additionalProperties as typeof CONFIG_SCHEMA).properties!["handler"]!.pattern!,
    "u",
  );
  const namePattern = new RegExp(functionSchema.propertyNames!.pattern!, "u");

  it.each([
    "a.ts",
    "./a.b.mjs#x_1$",
    "a.cts#",
    "C:\\a.py:f",
    "a.py:f.g",
    "a.py#f",
    "a.rb",
    ".ts",
    "a.ts:f",
    "dir/a.py",
  ])("on the handler %s", (text) => {
    expect(handlerPattern.test(text)).toBe(parseHandler(text) !== undefined);
  });

  it.each([
    "F",
    "F:1",
    "F:$LATEST",
    "function:F",
    "1:F",
    "a b",
    "",
    "arn:aws:lambda:us-east-1:123456789012:function:F:live",
  ])("on the name %s", (text) => {
    expect(namePattern.test(text)).toBe(parseFunctionReference(text) !== undefined);
  });
});
