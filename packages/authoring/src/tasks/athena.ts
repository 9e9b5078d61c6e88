import type { Construct } from "../construct.ts";
import type { Duration } from "../duration.ts";
import type { Fields } from "../fields/field-utils.ts";
import type { IKey } from "../resources/kms.ts";
import type { Location } from "../resources/s3.ts";
import {
  IntegrationPattern,
  integrationResourceArn,
  type TaskCall,
  TaskStateBase,
  type TaskStateBaseProps,
} from "../states/task-state-base.ts";
import { hasWrongLength, isDynamic, isOutside } from "./checks.ts";

export const EncryptionOption = { S3_MANAGED: "SSE_S3", KMS: "SSE_KMS", CLIENT_SIDE_KMS: "CSE_KMS" } as const;
export type EncryptionOption = (typeof EncryptionOption)[keyof typeof EncryptionOption];

export interface QueryExecutionContext {
  readonly catalogName?: string;
  readonly databaseName?: string;
}
/** How Athena encrypts its results. */
export interface AthenaEncryptionConfiguration {
  readonly encryptionOption: EncryptionOption;
  readonly encryptionKey?: IKey;
}
export interface ResultConfiguration {
  readonly outputLocation?: Location;
  readonly encryptionConfiguration?: AthenaEncryptionConfiguration;
}
export interface AthenaStartQueryExecutionProps extends TaskStateBaseProps {
  readonly queryString: string;
  readonly clientRequestToken?: string;
  readonly queryExecutionContext?: QueryExecutionContext;
  readonly resultConfiguration?: ResultConfiguration;
  readonly workGroup?: string;
  /** At least one, in the order of the query's `?`. */
  readonly executionParameters?: readonly string[];
  /** At most 7 days. */
  readonly resultReuseConfigurationMaxAge?: Duration;
}

const REUSE_MINUTES_MAX = 10_080;

/** Starts a query. */
export class AthenaStartQueryExecution extends TaskStateBase {
  readonly #props: AthenaStartQueryExecutionProps;
  readonly #pattern: IntegrationPattern;

  constructor(scope: Construct, id: string, props: AthenaStartQueryExecutionProps) {
    super(scope, id, props);
    this.#props = props;
    this.#pattern = this.pattern(IntegrationPattern.REQUEST_RESPONSE, IntegrationPattern.RUN_JOB);
    const { executionParameters } = props;
    if (executionParameters !== undefined && !isDynamic(executionParameters) && executionParameters.length === 0) {
      throw this.misuse("'executionParameters' must be a non-empty list");
    }
    if (Array.isArray(executionParameters) && executionParameters.some((value) => hasWrongLength(value, 1, 1_024))) {
      throw this.misuse("each of 'executionParameters' must have from 1 to 1024 characters");
    }
    const minutes = props.resultReuseConfigurationMaxAge?.toMinutes();
    if (isOutside(minutes, 0, REUSE_MINUTES_MAX)) {
      throw this.misuse(`resultReuseConfigurationMaxAge must be at most ${REUSE_MINUTES_MAX} minutes, got ${minutes}`);
    }
  }

  protected renderCall(): TaskCall {
    const props = this.#props;
    return {
      resource: integrationResourceArn("athena", "startQueryExecution", this.#pattern),
      parameters: {
        QueryString: props.queryString,
        ClientRequestToken: props.clientRequestToken,
        QueryExecutionContext: renderContext(props.queryExecutionContext),
        ResultConfiguration: renderResults(props.resultConfiguration),
        WorkGroup: props.workGroup,
        ExecutionParameters: props.executionParameters,
        ResultReuseConfiguration: renderReuse(props.resultReuseConfigurationMaxAge),
      },
    };
  }
}

function renderContext(context: QueryExecutionContext | undefined): Fields | undefined {
  if (context?.catalogName === undefined && context?.databaseName === undefined) return undefined;
  return { Catalog: context.catalogName, Database: context.databaseName };
}

// Written even where nothing is said of the results, as the CDK does.
function renderResults(results: ResultConfiguration = {}): Fields {
  const { encryptionConfiguration: encryption, outputLocation: place } = results;
  return {
    EncryptionConfiguration:
      encryption === undefined
        ? undefined
        : { EncryptionOption: encryption.encryptionOption, KmsKey: encryption.encryptionKey?.keyArn },
    OutputLocation: place === undefined ? undefined : `s3://${place.bucketName}/${place.objectKey}/`,
  };
}

function renderReuse(age: Duration | undefined): Fields | undefined {
  if (age === undefined) return undefined;
  return { ResultReuseByAgeConfiguration: { Enabled: true, MaxAgeInMinutes: age.toMinutes() } };
}

export interface AthenaGetQueryExecutionProps extends TaskStateBaseProps {
  readonly queryExecutionId: string;
}
export interface AthenaStopQueryExecutionProps extends AthenaGetQueryExecutionProps {}
export interface AthenaGetQueryResultsProps extends AthenaGetQueryExecutionProps {
  readonly nextToken?: string;
  readonly maxResults?: number;
}

abstract class AthenaQueryTask<P extends AthenaGetQueryResultsProps> extends TaskStateBase {
  readonly #props: P;

  constructor(scope: Construct, id: string, props: P) {
    super(scope, id, props);
    this.#props = props;
    this.pattern(IntegrationPattern.REQUEST_RESPONSE);
  }

  protected abstract readonly api: string;

  protected renderCall(): TaskCall {
    const { queryExecutionId, nextToken, maxResults } = this.#props;
    const parameters = { QueryExecutionId: queryExecutionId, NextToken: nextToken, MaxResults: maxResults };
    return { resource: integrationResourceArn("athena", this.api), parameters };
  }
}

/** Tells how a query stands. */
export class AthenaGetQueryExecution extends AthenaQueryTask<AthenaGetQueryExecutionProps> {
  protected readonly api = "getQueryExecution";
}
/** Reads a page of a query's results. */
export class AthenaGetQueryResults extends AthenaQueryTask<AthenaGetQueryResultsProps> {
  protected readonly api = "getQueryResults";
}
/** Stops a query. */
export class AthenaStopQueryExecution extends AthenaQueryTask<AthenaStopQueryExecutionProps> {
  protected readonly api = "stopQueryExecution";
}
