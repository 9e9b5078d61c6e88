import type { Construct } from "../construct.ts";
import type { TaskInput } from "../fields/task-input.ts";
import type { ICluster } from "../resources/eks.ts";
import {
  IntegrationPattern,
  integrationResourceArn,
  type TaskCall,
  TaskStateBase,
  type TaskStateBaseProps,
} from "../states/task-state-base.ts";

export const HttpMethods = {
  GET: "GET",
  POST: "POST",
  PUT: "PUT",
  DELETE: "DELETE",
  PATCH: "PATCH",
  HEAD: "HEAD",
} as const;
export type HttpMethods = (typeof HttpMethods)[keyof typeof HttpMethods];

export interface EksCallProps extends TaskStateBaseProps {
  readonly cluster: ICluster;
  readonly httpMethod: HttpMethods;
  readonly httpPath: string;
  readonly queryParameters?: { readonly [name: string]: readonly string[] };
  readonly requestBody?: TaskInput;
}

/** Calls the API of a Kubernetes cluster. */
export class EksCall extends TaskStateBase {
  readonly #props: EksCallProps;

  constructor(scope: Construct, id: string, props: EksCallProps) {
    super(scope, id, props);
    this.#props = props;
    this.pattern(IntegrationPattern.REQUEST_RESPONSE);
  }

  protected renderCall(): TaskCall {
    const { cluster, httpMethod, httpPath, queryParameters, requestBody } = this.#props;
    return {
      resource: integrationResourceArn("eks", "call"),
      parameters: {
        ClusterName: cluster.clusterName,
        CertificateAuthority: cluster.clusterCertificateAuthorityData,
        Endpoint: cluster.clusterEndpoint,
        Method: httpMethod,
        Path: httpPath,
        QueryParameters: queryParameters,
        RequestBody: requestBody?.value,
      },
    };
  }
}
