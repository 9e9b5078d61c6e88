import type { StartTask } from "@stepwell/core";
import type { Connector } from "@stepwell/engine";
import { ApiGatewayTask } from "./api-gateway-task.ts";
import { AwsClients, type LocalService } from "./aws-clients.ts";
import type { AwsSettings } from "./aws-settings.ts";
import { EksTask } from "./eks-task.ts";
import { optimizedConnectors } from "./optimized-task.ts";
import { type ResourceProblem, SdkTasks } from "./sdk-task.ts";

/**
 * All integrations that call AWS: the optimised ones and `aws-sdk:<service>:<action>`. Clients of the AWS SDK are loaded
 * when they are first needed, and closed with this.
 */
export class AwsServices {
  /** Shared by all integrations that call AWS, those of other connectors too. */
  readonly clients: AwsClients;
  readonly #optimized: readonly Connector[];
  readonly #sdk: SdkTasks;

  /**
   * `allow`: hosts and networks that apigateway:invoke may call though they are not public. `local`: who answers calls in
   * AWS's place; closed with this.
   */
  constructor(settings: AwsSettings = {}, allow: readonly string[] = [], local?: LocalService) {
    this.clients = new AwsClients(settings, local);
    this.#optimized = [
      ...optimizedConnectors(this.clients),
      new ApiGatewayTask(this.clients, allow),
      new EksTask(this.clients, allow),
    ];
    this.#sdk = new SdkTasks(this.clients);
  }

  connectorFor(request: Pick<StartTask, "resource" | "stateName">): Connector | undefined {
    return this.#optimized.find((connector) => connector.handles(request)) ?? this.#sdk.connectorFor(request);
  }

  /** Why a resource cannot be performed, where more can be said than that nobody does. */
  problemOf(resource: StartTask["resource"]): ResourceProblem | undefined {
    return this.#sdk.problemOf(resource);
  }

  async close(): Promise<void> {
    await Promise.all(this.#optimized.map((connector) => connector.close?.()));
    await this.clients.close();
  }
}
