/** Where a command deploys to: the service that runs, else the data directory that it would use. */

import { fromConfig } from "../compose.ts";
import { type Config, loadConfig } from "../config/load-config.ts";
import { UsageError } from "../usage-error.ts";
import { AwsEndpoints } from "./aws-endpoints.ts";
import type { Deployment } from "./deploy-stacks.ts";
import { dataDirectory } from "./target/data-directory.ts";
import { answers, runningService } from "./target/running-service.ts";
import type { StepFunctionsTarget } from "./target/step-functions-target.ts";

export interface TargetOptions {
  readonly endpoint?: string;
  readonly data?: string;
  readonly functions?: string;
}

export interface OpenDeployment extends Deployment {
  close(): Promise<void>;
}

/** `planOnly`: a data directory that no service uses is not opened. */
export async function openDeployment(
  options: TargetOptions,
  choices: Pick<Deployment, "nameOnly" | "adopt" | "tell">,
  planOnly: boolean,
): Promise<OpenDeployment> {
  const flags = options.data === undefined ? {} : { data: options.data };
  const config = await loadConfig(options.functions, process.env, flags);
  const { endpoints, profile } = config.services;
  const services = new AwsEndpoints({
    region: config.region,
    baseDirectory: config.baseDirectory,
    ...(endpoints === undefined ? {} : { endpoints }),
    ...(profile === undefined ? {} : { profile }),
  });
  const target = await targetOf(options, config, planOnly);
  return {
    ...choices,
    identity: { partition: "aws", region: config.region, accountId: config.account },
    dataDirectory: config.data,
    endpoints: services,
    ...(target && { target }),
    close: async () => {
      await Promise.all([target?.close(), services.close()]);
    },
  };
}

async function targetOf(
  options: TargetOptions,
  config: Config,
  planOnly: boolean,
): Promise<StepFunctionsTarget | undefined> {
  const endpoint = options.endpoint ?? `http://127.0.0.1:${config.port}`;
  if (await answers(endpoint)) return runningService(endpoint, config.region, process.env);
  if (options.endpoint !== undefined) throw new UsageError(`--endpoint ${endpoint}: no service answers there`);
  if (planOnly) return undefined;
  if (config.database !== undefined)
    throw new UsageError(`no service answers at ${endpoint}: start a node on the database, and deploy to it`);
  return dataDirectory({ ...fromConfig(config), dataDir: config.data });
}
