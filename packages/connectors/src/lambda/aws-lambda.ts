/** Functions that are not mapped locally, on AWS or on whatever answers at the endpoint of Lambda. */
import type { InvocationResult } from "../functions/invocation.ts";
import { serviceModel } from "../service-models/service-model.ts";
import type { AwsClients } from "../services/aws-clients.ts";
import { isConfigured } from "../services/aws-settings.ts";
import { ServiceCallError } from "../services/service-call-error.ts";
import type { FunctionDefaults, FunctionReference } from "./function-reference.ts";
import { functionArn } from "./function-reference.ts";
import type { InvokeParameters } from "./invoke-parameters.ts";

export class AwsLambda {
  readonly #clients: AwsClients;
  readonly #defaults: FunctionDefaults;

  constructor(clients: AwsClients, defaults: FunctionDefaults) {
    this.#clients = clients;
    this.#defaults = defaults;
  }

  /** True when there is an endpoint or a sign of credentials. */
  get isConfigured(): boolean {
    return isConfigured(this.#clients.settings, "lambda", "Lambda");
  }

  /** `roleArn`: whom to call as. Throws RoleNotAssumed. */
  async invoke(
    parameters: InvokeParameters,
    roleArn: string | undefined,
    signal: AbortSignal,
  ): Promise<InvocationResult> {
    const model = serviceModel("lambda");
    const operation = model?.operation("invoke");
    if (model === undefined || operation === undefined) throw new Error("lambda:invoke must have a model");
    const { clientContext, function: called } = parameters;
    const input = {
      FunctionName: this.#nameOf(called),
      InvocationType: parameters.invocationType,
      LogType: parameters.wantsLog ? "Tail" : "None",
      Payload: parameters.payload,
      ...(called.qualifier === undefined ? {} : { Qualifier: called.qualifier }),
      ...(clientContext === undefined ? {} : { ClientContext: clientContext }),
    };
    const region = called.region ?? this.#defaults.region;
    const role = roleArn === undefined ? {} : { roleArn };
    try {
      const { output } = await this.#clients.call({ model, operation, input, times: "iso", region, ...role, signal });
      const {
        Payload = "",
        FunctionError,
        LogResult = "",
        ExecutedVersion,
      } = output as Readonly<Record<string, string>>;
      return {
        kind: "payload",
        payload: Payload,
        functionError: FunctionError !== undefined,
        logTail: Buffer.from(LogResult, "base64").toString(),
        ...(ExecutedVersion === undefined ? {} : { executedVersion: ExecutedVersion }),
      };
    } catch (error) {
      if (!(error instanceof ServiceCallError)) throw error;
      const { name, message, statusCode, requestId } = error.failure;
      return {
        kind: "serviceError",
        code: name,
        message,
        ...(statusCode === undefined ? {} : { statusCode }),
        ...(requestId === undefined ? {} : { requestId }),
      };
    }
  }

  /** An account must be told; a bare name means the caller's own. */
  #nameOf(reference: FunctionReference): string {
    const { qualifier: _, ...unqualified } = reference;
    return reference.accountId === undefined ? reference.name : functionArn(unqualified, this.#defaults);
  }
}
