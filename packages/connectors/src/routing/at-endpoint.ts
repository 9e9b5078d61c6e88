import type { StartTask } from "@stepwell/core";
import type { Connector } from "@stepwell/engine";
import type { FunctionLog } from "../functions/function-log.ts";
import { HttpTask, type HttpTaskSettings } from "../http-task/http-task.ts";
import { AwsLambda } from "../lambda/aws-lambda.ts";
import type { FunctionDefaults } from "../lambda/function-reference.ts";
import { FunctionRegistry } from "../lambda/function-registry.ts";
import { LambdaTask } from "../lambda/lambda-task.ts";
import { AwsServices } from "../services/aws-services.ts";
import type { AwsSettings } from "../services/aws-settings.ts";

export interface AtEndpointOptions {
  readonly aws: AwsSettings;
  readonly http: HttpTaskSettings;
  readonly defaults: FunctionDefaults;
  readonly log: FunctionLog;
}

/**
 * Every integration that calls somebody, with this URL in everybody's place: AWS's services, functions, HTTP APIs and
 * clusters. Nobody's credentials are sent there.
 */
export class IntegrationsAt {
  readonly #services: AwsServices;
  readonly #others: readonly Connector[];

  constructor(endpoint: string, { aws, http, defaults, log }: AtEndpointOptions) {
    const { region, baseDirectory } = aws;
    this.#services = new AwsServices({
      ...(region === undefined ? {} : { region }),
      ...(baseDirectory === undefined ? {} : { baseDirectory }),
      env: { HOME: "/nonexistent" },
      endpoints: { default: endpoint, kubernetes: endpoint },
    });
    const lambda = new AwsLambda(this.#services.clients, defaults);
    this.#others = [
      new LambdaTask({ registry: new FunctionRegistry(), aws: lambda, defaults, log, explainUnmapped: () => false }),
      new HttpTask({ ...http, standIn: endpoint }),
    ];
  }

  connectorFor(request: Pick<StartTask, "resource" | "stateName">): Connector | undefined {
    return this.#services.connectorFor(request) ?? this.#others.find((connector) => connector.handles(request));
  }

  async close(): Promise<void> {
    await Promise.all([this.#services.close(), ...this.#others.map((connector) => connector.close?.())]);
  }
}
