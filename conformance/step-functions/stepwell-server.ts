import { type PostgresServer, startPostgres } from "@stepwell/runtime-postgres/testing";
import { composeStepwell, serve } from "stepwell";
import { decisionsOfTests } from "./decisions-of-tests.ts";
import type { FunctionFiles } from "./function-files.ts";
import type { ServerUnderTest } from "./target.ts";

export interface InProcessSetting {
  readonly account: string;
  readonly files: FunctionFiles;
  /** Where AWS's other services are; absent where no case needs them. */
  readonly awsEndpoint: string | undefined;
}

const DRAIN_MS = 1_000;

/** STEPWELL_CONFORMANCE_RUNTIME=postgres: a PostgreSQL of one's own in the data directory's place. */
async function databaseOfTests(): Promise<PostgresServer | undefined> {
  if (process.env["STEPWELL_CONFORMANCE_RUNTIME"] !== "postgres") return undefined;
  return startPostgres({ fsync: "off" });
}

/** Stepwell in this process, in memory, in real time, on a port of its own. */
export async function startStepwellInProcess(setting: InProcessSetting): Promise<ServerUnderTest> {
  const { account, files, awsEndpoint } = setting;
  const database = await databaseOfTests();
  const stepwell = await composeStepwell({
    dataDir: ":memory:",
    ...(database === undefined ? {} : { database: { url: database.url } }),
    ...decisionsOfTests(),
    identity: { partition: "aws", region: "us-east-1", accountId: account },
    functions: files.functions,
    baseDirectory: files.directory,
    ...(awsEndpoint === undefined
      ? {}
      : {
          logs: { sink: "cloudwatch" as const, endpoint: awsEndpoint },
          events: { sink: "eventbridge" as const, endpoint: awsEndpoint },
        }),
    ...(awsEndpoint === undefined ? {} : { aws: { endpoints: { default: awsEndpoint } } }),
    onProblem: (problem, about) => console.log(`behind the scenes, ${about}: ${String(problem)}`),
  });
  const service = await serve(stepwell, { host: "127.0.0.1", port: 0 });
  return {
    endpoint: service.url,
    account,
    async close() {
      await service.close();
      if (stepwell.long !== undefined) console.log(`threads did ${JSON.stringify(stepwell.long.threads.stats)}`);
      await stepwell.close(DRAIN_MS);
      database?.remove();
    },
  };
}
