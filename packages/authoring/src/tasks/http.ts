import type { Construct } from "../construct.ts";
import type { Fields } from "../fields/field-utils.ts";
import { JsonPath } from "../fields/json-path.ts";
import { isJsonataExpression } from "../fields/jsonata.ts";
import type { TaskInput } from "../fields/task-input.ts";
import type { IConnection } from "../resources/events.ts";
import {
  IntegrationPattern,
  integrationResourceArn,
  type TaskCall,
  TaskStateBase,
  type TaskStateBaseProps,
} from "../states/task-state-base.ts";

/** How lists are written in a URL-encoded body. */
export const URLEncodingFormat = {
  BRACKETS: "BRACKETS",
  COMMAS: "COMMAS",
  DEFAULT: "DEFAULT",
  INDICES: "INDICES",
  NONE: "NONE",
  REPEAT: "REPEAT",
} as const;
export type URLEncodingFormat = (typeof URLEncodingFormat)[keyof typeof URLEncodingFormat];

export interface HttpInvokeProps extends TaskStateBaseProps {
  /** `https://host`. */
  readonly apiRoot: string;
  /** What comes after the root and a `/`. */
  readonly apiEndpoint: TaskInput;
  readonly method: TaskInput;
  readonly connection: IConnection;
  readonly body?: TaskInput;
  readonly headers?: TaskInput;
  readonly queryStringParameters?: TaskInput;
  /** The body is JSON unless this is given. */
  readonly urlEncodingFormat?: URLEncodingFormat;
}

/** Calls an HTTPS API. */
export class HttpInvoke extends TaskStateBase {
  readonly #props: HttpInvokeProps;

  constructor(scope: Construct, id: string, props: HttpInvokeProps) {
    super(scope, id, props);
    this.#props = props;
    if (typeof props.apiEndpoint.value !== "string") throw this.misuse("apiEndpoint must be a text or a path");
    this.pattern(IntegrationPattern.REQUEST_RESPONSE);
  }

  protected renderCall(jsonata: boolean): TaskCall {
    const { apiRoot, apiEndpoint, connection, method, headers, body, queryStringParameters } = this.#props;
    return {
      resource: integrationResourceArn("http", "invoke"),
      parameters: {
        ApiEndpoint: endpoint(apiRoot, apiEndpoint.value as string, jsonata),
        Authentication: { ConnectionArn: connection.connectionArn },
        Method: method.value,
        RequestBody: body?.value,
        Headers: headers?.value,
        QueryParameters: queryStringParameters?.value,
        ...renderEncoding(this.#props),
      },
    };
  }
}

function endpoint(root: string, path: string, jsonata: boolean): string {
  return jsonata ? `{% ${term(root)} & '/' & ${term(path)} %}` : JsonPath.format("{}/{}", root, path);
}

function term(text: string): string {
  return isJsonataExpression(text) ? text.slice(2, -2).trim() : `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}

function renderEncoding({ urlEncodingFormat: format, headers }: HttpInvokeProps): Fields | undefined {
  if (format === undefined || format === URLEncodingFormat.NONE) return undefined;
  return {
    Headers: { ...(headers?.value as Fields | undefined), "Content-Type": "application/x-www-form-urlencoded" },
    Transform: {
      RequestBodyEncoding: "URL_ENCODED",
      RequestEncodingOptions: format === URLEncodingFormat.DEFAULT ? undefined : { ArrayFormat: format },
    },
  };
}
