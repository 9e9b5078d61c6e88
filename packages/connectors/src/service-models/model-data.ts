/**
 * What a file of packages/connectors/service-models holds: a botocore service model without documentation. Written by
 * scripts/build-service-models.mjs. Names of operations, shapes and members are the API's own, not those of workflows.
 */
export interface ServiceData {
  readonly metadata: ServiceMetadata;
  readonly operations: { readonly [name: string]: OperationData };
  readonly shapes: { readonly [name: string]: Shape };
}

/** How the service is spoken to. */
export interface ServiceMetadata {
  readonly apiVersion: string;
  readonly endpointPrefix: string;
  /** `json`, `rest-json`, `rest-xml`, `query`, `ec2` or `smithy-rpc-v2-cbor`: the first choice; all in `protocols`. */
  readonly protocol: string;
  readonly protocols?: readonly string[];
  readonly serviceId: string;
  readonly jsonVersion?: string;
  readonly signingName?: string;
  readonly targetPrefix?: string;
  readonly globalEndpoint?: string;
  readonly xmlNamespace?: string | XmlNamespace;
  readonly awsQueryCompatible?: object;
}

export interface XmlNamespace {
  readonly uri: string;
  readonly prefix?: string;
}

export interface OperationData {
  readonly http: { readonly method: string; readonly requestUri: string; readonly responseCode?: number };
  readonly input?: ShapeReference;
  readonly output?: ShapeReference & { readonly resultWrapper?: string };
  /** Shapes of its errors. */
  readonly errors?: readonly string[];
  readonly authtype?: string;
  readonly endpoint?: { readonly hostPrefix?: string };
  readonly httpChecksumRequired?: boolean;
}

export type ShapeType =
  | "structure"
  | "list"
  | "map"
  | "string"
  | "boolean"
  | "integer"
  | "long"
  | "float"
  | "double"
  | "timestamp"
  | "blob";

export interface Shape {
  readonly type: ShapeType;
  readonly members?: { readonly [member: string]: ShapeReference };
  readonly required?: readonly string[];
  readonly member?: ShapeReference;
  readonly key?: ShapeReference;
  readonly value?: ShapeReference;
  readonly enum?: readonly string[];
  /** Of numbers the value, of texts and blobs the length, of lists and maps the size. */
  readonly min?: number;
  readonly max?: number;
  /** Any JSON. */
  readonly document?: boolean;
  readonly union?: boolean;
  readonly streaming?: boolean;
  readonly eventstream?: boolean;
  readonly exception?: boolean;
  readonly error?: { readonly code?: string; readonly httpStatusCode?: number };
  /** The member that is the whole body (REST protocols). */
  readonly payload?: string;
  readonly flattened?: boolean;
  readonly locationName?: string;
  readonly timestampFormat?: string;
  readonly xmlNamespace?: string | XmlNamespace;
}

export interface ShapeReference {
  readonly shape: string;
  readonly location?: string;
  readonly locationName?: string;
  readonly queryName?: string;
  readonly flattened?: boolean;
  readonly streaming?: boolean;
  readonly jsonvalue?: boolean;
  readonly hostLabel?: boolean;
  readonly idempotencyToken?: boolean;
  readonly xmlAttribute?: boolean;
  readonly xmlNamespace?: string | XmlNamespace;
}
