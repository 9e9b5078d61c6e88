import { type Construct, Stack } from "../construct.ts";
import type { TaskInput } from "../fields/task-input.ts";
import type { IRestApi } from "../resources/apigateway.ts";
import {
  IntegrationPattern,
  integrationResourceArn,
  type TaskCall,
  TaskStateBase,
  type TaskStateBaseProps,
} from "../states/task-state-base.ts";
import { isDynamic } from "./checks.ts";

export const HttpMethod = {
  GET: "GET",
  POST: "POST",
  PUT: "PUT",
  DELETE: "DELETE",
  PATCH: "PATCH",
  HEAD: "HEAD",
  OPTIONS: "OPTIONS",
} as const;
export type HttpMethod = (typeof HttpMethod)[keyof typeof HttpMethod];

export const AuthType = { NO_AUTH: "NO_AUTH", IAM_ROLE: "IAM_ROLE", RESOURCE_POLICY: "RESOURCE_POLICY" } as const;
export type AuthType = (typeof AuthType)[keyof typeof AuthType];

export interface CallApiGatewayEndpointBaseProps extends TaskStateBaseProps {
  readonly method: HttpMethod;
  /** Each header is a list of texts. */
  readonly headers?: TaskInput;
  /** `/` unless said otherwise. */
  readonly apiPath?: string;
  /** Each parameter is a list of texts. */
  readonly queryParameters?: TaskInput;
  readonly requestBody?: TaskInput;
  /** `NO_AUTH` unless said otherwise. */
  readonly authType?: AuthType;
}
export interface CallApiGatewayRestApiEndpointProps extends CallApiGatewayEndpointBaseProps {
  readonly api: IRestApi;
  readonly stageName: string;
  /** The stack's unless said otherwise. */
  readonly region?: string;
}
export interface CallApiGatewayHttpApiEndpointProps extends CallApiGatewayEndpointBaseProps {
  readonly apiId: string;
  /** Whose region the API is in; this task's stack unless said otherwise. */
  readonly apiStack?: Stack;
  readonly stageName?: string;
}

abstract class ApiGatewayTask extends TaskStateBase {
  readonly #props: CallApiGatewayEndpointBaseProps;
  readonly #pattern: IntegrationPattern;

  constructor(scope: Construct, id: string, props: CallApiGatewayEndpointBaseProps) {
    super(scope, id, props);
    this.#props = props;
    this.#pattern = this.pattern(IntegrationPattern.REQUEST_RESPONSE, IntegrationPattern.WAIT_FOR_TASK_TOKEN);
    this.requireTaskToken(
      this.#pattern,
      props.headers,
      "Task Token is required in `headers` for WAIT_FOR_TASK_TOKEN pattern.",
    );
  }

  protected abstract readonly apiEndpoint: string;
  protected abstract readonly stageName: string | undefined;

  protected renderCall(): TaskCall {
    const { method, headers, apiPath, queryParameters, requestBody, authType = AuthType.NO_AUTH } = this.#props;
    return {
      resource: integrationResourceArn("apigateway", "invoke", this.#pattern),
      parameters: {
        ApiEndpoint: this.apiEndpoint,
        Method: method,
        Headers: headers?.value,
        Stage: this.stageName,
        Path: apiPath,
        QueryParameters: queryParameters?.value,
        RequestBody: requestBody?.value,
        AuthType: authType,
      },
    };
  }
}

/** Calls a REST API of API Gateway. */
export class CallApiGatewayRestApiEndpoint extends ApiGatewayTask {
  protected readonly apiEndpoint: string;
  protected readonly stageName: string | undefined;

  constructor(scope: Construct, id: string, props: CallApiGatewayRestApiEndpointProps) {
    super(scope, id, props);
    const { apiPath } = props;
    if (apiPath !== undefined && !isDynamic(apiPath) && !apiPath.startsWith("/")) {
      throw this.misuse(`apiPath must begin with a '/', got '${apiPath}'`);
    }
    const stack = Stack.of(this);
    this.apiEndpoint = endpoint(props.api.restApiId, props.region ?? stack.region, stack);
    this.stageName = props.stageName;
  }
}

/** Calls an HTTP API of API Gateway. */
export class CallApiGatewayHttpApiEndpoint extends ApiGatewayTask {
  protected readonly apiEndpoint: string;
  protected readonly stageName: string | undefined;

  constructor(scope: Construct, id: string, props: CallApiGatewayHttpApiEndpointProps) {
    super(scope, id, props);
    const stack = props.apiStack ?? Stack.of(this);
    this.apiEndpoint = endpoint(props.apiId, stack.region, stack);
    this.stageName = props.stageName;
  }
}

function endpoint(apiId: string, region: string, { urlSuffix }: Stack): string {
  return `${apiId}.execute-api.${region}.${urlSuffix}`;
}
