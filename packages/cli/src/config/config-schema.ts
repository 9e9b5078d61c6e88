/**
 * What `stepwell.yaml` may hold, as a JSON Schema: the one source of truth. `stepwell.schema.json` beside this file is the
 * same for editors; config-schema.test.ts keeps it equal and says how to write it anew.
 *
 * `x-rule` is the rule in words, for messages; every schema that a value can break has one.
 */
export interface Schema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly title?: string;
  readonly description?: string;
  readonly "x-rule"?: string;
  readonly type?: "object" | "string" | "integer" | "array";
  readonly properties?: { readonly [name: string]: Schema };
  readonly additionalProperties?: Schema | false;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly oneOf?: readonly { readonly required: readonly string[] }[];
  readonly dependencies?: {
    readonly [name: string]: readonly string[] | { readonly properties: { readonly [name: string]: false } };
  };
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly minItems?: number;
  readonly default?: string | number;
}

const FUNCTION_NAME =
  "^(arn:aws[a-zA-Z-]*:lambda:)?([a-z]{2}(-[a-z]+)+-\\d:)?(\\d{12}:)?(function:)?[a-zA-Z0-9_-]{1,140}(:(\\$LATEST|[a-zA-Z0-9_-]{1,128}))?$";
const HANDLER = "^.+\\.([cm]?[jt]s(#[A-Za-z_$][\\w$]*)?|py(:[A-Za-z_]\\w*)?)$";
const HANDLER_RULE = 'must be "<file>.js|.mjs|.ts#<export>" or "<file>.py:<function>"';

function wholeNumber(description: string, minimum: number, maximum: number, preset?: number): Schema {
  return {
    description,
    type: "integer",
    minimum,
    maximum,
    ...(preset === undefined ? {} : { default: preset }),
    "x-rule": `must be a whole number from ${minimum} to ${maximum}`,
  };
}

const functionSchema: Schema = {
  description: "How a function runs: exactly one of handler, command and url.",
  type: "object",
  additionalProperties: false,
  properties: {
    handler: {
      description:
        "A Node handler (./functions.ts#countCsv) or a Python handler (./fn.py:handler). Relative to this file.",
      type: "string",
      pattern: HANDLER,
      "x-rule": HANDLER_RULE,
    },
    fallback: {
      description: "Another handler, used when the runtime that handler needs is not installed on this machine.",
      type: "string",
      pattern: HANDLER,
      "x-rule": HANDLER_RULE,
    },
    command: {
      description: "Any executable that speaks the Lambda runtime API, with its arguments.",
      type: "array",
      minItems: 1,
      items: { type: "string", minLength: 1, "x-rule": "must be a text that is not empty" },
      "x-rule": "must be a list: the executable, then its arguments",
    },
    url: {
      description: "Where the event is POSTed; the body of the answer is the result.",
      type: "string",
      pattern: "^https?://[^\\s/]+",
      "x-rule": "must be an http:// or https:// URL",
    },
    env: {
      description: `Added to the function's environment. \${NAME} and \${NAME:-default} take a variable of the server; write $\${ for \${ itself.`,
      type: "object",
      propertyNames: { pattern: "^[A-Za-z_][A-Za-z0-9_]*$", "x-rule": "must be the name of an environment variable" },
      additionalProperties: { type: "string", "x-rule": "must be a text: put it in quotes" },
      "x-rule": "must be a map of texts",
    },
    timeoutSeconds: wholeNumber("A handler that runs longer is killed.", 1, 86_400, 60),
    memoryMb: wholeNumber("What the function may use. No bound by default.", 16, 1_048_576),
    concurrency: wholeNumber("Processes (or requests) at once; further calls wait.", 1, 1_000, 10),
  },
  oneOf: [{ required: ["handler"] }, { required: ["command"] }, { required: ["url"] }],
  dependencies: {
    fallback: ["handler"],
    url: { properties: { env: false, memoryMb: false } },
  },
  "x-rule": "must have exactly one of handler, command, url",
};

/** The name of an AWS region. */
export const REGION_PATTERN = "^[a-z]{2}(-[a-z]+)+-\\d$";
const URL_PATTERN = "^https?://[^\\s/]+";
const URL_RULE = "must be an http:// or https:// URL";

function url(description: string): Schema {
  return { description, type: "string", pattern: URL_PATTERN, "x-rule": URL_RULE };
}

function path(description: string): Schema {
  return { description, type: "string", minLength: 1, "x-rule": "must be the path of a file" };
}

const logsSchema: Schema = {
  description: "Where execution logs go, of the state machines whose loggingConfiguration asks for them.",
  type: "object",
  additionalProperties: false,
  properties: {
    sink: {
      description:
        "file: JSON lines. stdout: the same on standard output. cloudwatch: CloudWatch Logs, with the AWS credentials of the environment. none: nowhere.",
      type: "string",
      enum: ["file", "stdout", "cloudwatch", "none"],
      default: "file",
      "x-rule": "must be file, stdout, cloudwatch or none",
    },
    path: path(
      "The file of the sink file. Relative to this file; by default logs/executions.jsonl in the data directory.",
    ),
    endpoint: url("What answers in CloudWatch Logs' place, for the sink cloudwatch."),
  },
  "x-rule": "must be a map",
};

const eventsSchema: Schema = {
  description:
    "Where events go that tell of changes of Standard executions' status, in EventBridge's form. By default nowhere.",
  type: "object",
  additionalProperties: false,
  properties: {
    sink: {
      description:
        "webhook: each event is POSTed to url. file: JSON lines. eventbridge: PutEvents, with the AWS credentials of the environment.",
      type: "string",
      enum: ["webhook", "file", "eventbridge"],
      "x-rule": "must be webhook, file or eventbridge",
    },
    url: url("Where the sink webhook POSTs events."),
    path: path(
      "The file of the sink file. Relative to this file; by default events/status.jsonl in the data directory.",
    ),
    bus: {
      description: "Name or ARN of the event bus of the sink eventbridge; by default the default bus.",
      type: "string",
      pattern: "^[/.\\-_A-Za-z0-9:]{1,1600}$",
      "x-rule": "must be the name or the ARN of an event bus",
    },
    endpoint: url("What answers in EventBridge's place, for the sink eventbridge."),
    source: {
      description:
        "The source of the events. EventBridge itself refuses sources that begin with aws.: name another one there.",
      type: "string",
      pattern: "^[/.\\-_A-Za-z0-9]{1,256}$",
      default: "aws.states",
      "x-rule": "must be 1 to 256 letters, digits or any of / . - _",
    },
    deadLetters: path(
      "A file for events that were given up, as JSON lines; by default they are only counted. Relative to this file.",
    ),
    maximumEventAgeInSeconds: {
      description: "How long it is tried to deliver an event, as of an EventBridge target.",
      type: "integer",
      minimum: 60,
      maximum: 86_400,
      default: 86_400,
      "x-rule": "must be a whole number from 60 to 86400",
    },
    maximumRetryAttempts: {
      description: "How often an event is sent again after its first attempt, as of an EventBridge target.",
      type: "integer",
      minimum: 0,
      maximum: 185,
      default: 185,
      "x-rule": "must be a whole number from 0 to 185",
    },
  },
  "x-rule": "must be a map",
};

const TEXT: Schema = { type: "string", "x-rule": "must be a text: put it in quotes" };
const NOT_EMPTY: Schema = { type: "string", minLength: 1, "x-rule": "must be a text that is not empty" };

function texts(description: string): Schema {
  return { description, type: "object", additionalProperties: TEXT, "x-rule": "must be a map of texts" };
}

function list(description: string): Schema {
  return { description, type: "array", minItems: 1, items: NOT_EMPTY, "x-rule": "must be a list of texts" };
}

const connectionSchema: Schema = {
  description: `What stands behind a ConnectionArn. Texts may take variables of the server: \${NAME}.`,
  type: "object",
  additionalProperties: false,
  properties: {
    basic: {
      description: "Basic authentication.",
      type: "object",
      additionalProperties: false,
      required: ["username", "password"],
      properties: { username: TEXT, password: TEXT },
      "x-rule": "must have username and password",
    },
    apiKey: {
      description: "A header with a key.",
      type: "object",
      additionalProperties: false,
      required: ["name", "value"],
      properties: {
        name: { type: "string", pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$", "x-rule": "must be the name of a header" },
        value: TEXT,
      },
      "x-rule": "must have name and value",
    },
    oauth: {
      description: "OAuth client credentials: a token is asked for, and kept until it ends.",
      type: "object",
      additionalProperties: false,
      required: ["endpoint", "clientId", "clientSecret"],
      properties: {
        endpoint: url("Where tokens are given."),
        method: { type: "string", enum: ["POST", "GET", "PUT"], default: "POST", "x-rule": "must be POST, GET or PUT" },
        clientId: TEXT,
        clientSecret: TEXT,
        headers: texts("Headers of the request for a token."),
        query: texts("Query parameters of the request for a token."),
        body: texts("Members of the body of the request for a token."),
      },
      "x-rule": "must have endpoint, clientId and clientSecret",
    },
    headers: texts("Headers added to each request, stronger than the task's."),
    query: texts("Query parameters added to each request, stronger than the task's."),
    body: texts("Members added to each body, stronger than the task's."),
  },
  "x-rule": "must be a map",
};

const mockSchema: Schema = {
  description: "Answered at once: output, or error and cause.",
  type: "object",
  additionalProperties: false,
  properties: { output: { description: "The task's result: any value." }, error: NOT_EMPTY, cause: TEXT },
  oneOf: [{ required: ["output"] }, { required: ["error"] }],
  dependencies: { cause: ["error"] },
  "x-rule": "must have exactly one of output, error",
};

const taskSchema: Schema = {
  ...functionSchema,
  description: "Where tasks go instead: exactly one of mock, endpoint, handler, command and url.",
  properties: {
    ...functionSchema.properties,
    mock: mockSchema,
    endpoint: url("The same integration, with this URL in the place of AWS, of the HTTP API or of the cluster."),
  },
  oneOf: ["mock", "endpoint", "handler", "command", "url"].map((name) => ({ required: [name] })),
  "x-rule": "must have exactly one of mock, endpoint, handler, command, url",
};

function jobCall(description: string): Schema {
  return {
    description: `${description} {input}, {token}, {job} and members of them ({job.id}) stand for values.`,
    type: "object",
    additionalProperties: false,
    properties: {
      url: url("Where the request goes."),
      method: { type: "string", pattern: "^[A-Z]+$", "x-rule": "must be an HTTP method" },
      headers: texts("Headers of the request."),
      body: { description: "The body, as JSON: any value." },
      command: list("The executable, then its arguments. Values come as JSON on standard input."),
      env: texts("Added to the command's environment."),
    },
    oneOf: [{ required: ["url"] }, { required: ["command"] }],
    dependencies: { method: ["url"], headers: ["url"], body: ["url"], env: ["command"] },
    "x-rule": "must have exactly one of url, command",
  };
}

const jobSchema: Schema = {
  description: "A kind of job of your own: arn:aws:states:::custom:<name>.sync starts one and waits for it.",
  type: "object",
  additionalProperties: false,
  required: ["start", "describe", "success", "failure"],
  properties: {
    start: jobCall("Starts a job."),
    describe: jobCall("Says how a job is."),
    stop: jobCall("Stops a job whose task was aborted."),
    status: {
      description: "Where the status is in what describe answers: job.state.",
      ...NOT_EMPTY,
      default: "status",
    },
    success: list("Statuses of jobs that succeeded; * stands for anything."),
    failure: list("Statuses of jobs that failed; * stands for anything."),
    result: { description: "Where the task's result is in what describe answers. By default all of it.", ...NOT_EMPTY },
    pollSeconds: wholeNumber("The least time between two questions.", 1, 86_400, 1),
  },
  "x-rule": "must have start, describe, success and failure",
};

const servicesSchema: { readonly [name: string]: Schema } = {
  endpoints: {
    description:
      "URLs of AWS's services, by service (sqs, secretsmanager) or default for all others. AWS_ENDPOINT_URL_<SERVICE> is stronger.",
    type: "object",
    propertyNames: { pattern: "^[a-z0-9-]+$", "x-rule": "must be a service in small letters, or default" },
    additionalProperties: { type: "string", pattern: URL_PATTERN, "x-rule": URL_RULE },
    "x-rule": "must be a map of URLs",
  },
  profile: { description: "The AWS profile whose credentials are used.", ...NOT_EMPTY },
  connections: {
    description: "Connections of HTTP tasks, by the name or the whole ARN of the connection.",
    type: "object",
    additionalProperties: connectionSchema,
    "x-rule": "must be a map of connections",
  },
  http: {
    description: "What HTTP tasks, apigateway:invoke and eks:call may call.",
    type: "object",
    additionalProperties: false,
    properties: {
      allow: list("Hosts, addresses and networks that may be called though they are not public, also without TLS."),
    },
    "x-rule": "must be a map",
  },
  tasks: {
    description:
      "Tasks that go elsewhere than the definition says, by the name of the state or by the resource (arn:…); * stands for anything. The first that matches counts.",
    type: "object",
    propertyNames: { minLength: 1, "x-rule": "must be the name of a state or a resource" },
    additionalProperties: taskSchema,
    "x-rule": "must be a map of tasks",
  },
  jobs: {
    description: "Kinds of jobs of your own, by the name in arn:aws:states:::custom:<name>.sync.",
    type: "object",
    propertyNames: { pattern: "^[A-Za-z][A-Za-z0-9_-]*$", "x-rule": "must be a letter, then letters, digits, _ or -" },
    additionalProperties: jobSchema,
    "x-rule": "must be a map of jobs",
  },
  mockConfig: path(
    "MockConfigFile.json of AWS Step Functions Local. Start an execution of <state machine ARN>#<test case> to use it.",
  ),
};

const stateMachineSchema: Schema = {
  description: "A state machine that `stepwell deploy stepwell.yaml` makes.",
  type: "object",
  additionalProperties: false,
  required: ["definition"],
  properties: {
    definition: path("The definition, JSON or YAML. Relative to this file."),
    type: {
      description: "What its executions are.",
      type: "string",
      enum: ["STANDARD", "EXPRESS"],
      default: "STANDARD",
      "x-rule": "must be STANDARD or EXPRESS",
    },
    role: { description: "Its role's ARN; rights are not enforced.", ...NOT_EMPTY },
    substitutions: texts(`Values of \${name} in the definition.`),
    alias: {
      description: "An alias of this name routes to the version that each deployment publishes.",
      type: "string",
      pattern: "^[A-Za-z0-9_.-]{1,80}$",
      "x-rule": "must be the name of an alias",
    },
  },
  "x-rule": "must be a map with definition",
};

export const CONFIG_SCHEMA: Schema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "stepwell.yaml",
  description: "Configuration of Stepwell. Weaker than STEPWELL_* variables, which are weaker than flags.",
  type: "object",
  additionalProperties: false,
  properties: {
    region: {
      description: "The AWS region in ARNs and of calls to AWS. Without it AWS_REGION, then AWS_DEFAULT_REGION.",
      type: "string",
      pattern: REGION_PATTERN,
      default: "us-east-1",
      "x-rule": "must be the name of an AWS region, such as us-east-1",
    },
    account: {
      description: "The AWS account in ARNs.",
      type: "string",
      pattern: "^\\d{12}$",
      default: "123456789012",
      "x-rule": "must be twelve digits, in quotes",
    },
    port: wholeNumber("Where the server listens; 0 takes a free port.", 0, 65_535, 8083),
    cloudflow: {
      description: "CloudFlow's API, and what flows may call.",
      type: "object",
      additionalProperties: false,
      properties: {
        port: wholeNumber(
          "A port for CloudFlow's API alone; 0 takes a free one. It is answered on port, too.",
          0,
          65_535,
        ),
        rates: {
          description: "documented: requests beyond CloudFlow's own rates are throttled. none: no request is.",
          type: "string",
          enum: ["documented", "none"],
          default: "none",
          "x-rule": "must be documented or none",
        },
        messages: {
          description:
            "Where messages go that flows send: queues/<name> or topics/<name> to a URL, with * for any name. Each is POSTed as JSON.",
          type: "object",
          propertyNames: {
            pattern: "^(queues|topics)/[^/]+$",
            "x-rule": "must be queues/<name> or topics/<name>",
          },
          additionalProperties: url("Where the message is POSTed."),
          "x-rule": "must be a map of URLs",
        },
      },
      "x-rule": "must be a map",
    },
    data: {
      description: "The directory that holds all state. Relative to this file.",
      type: "string",
      minLength: 1,
      default: ".stepwell",
      "x-rule": "must be the path of a directory",
    },
    database: {
      description:
        "A PostgreSQL that keeps executions and state machines in the directory's place, for any number of nodes: postgres://user:password@host:5432/database. Better in STEPWELL_DATABASE, since it holds a password.",
      type: "string",
      pattern: "^postgres(ql)?://",
      "x-rule": "must begin with postgres://",
    },
    peers: {
      description: "Where nodes on one database reach each other. What travels there is as secret as the executions.",
      type: "object",
      additionalProperties: false,
      properties: {
        host: { description: "Where this node listens for others; default 127.0.0.1.", ...TEXT },
        port: wholeNumber("0 takes a free port.", 0, 65_535, 0),
        address: {
          description: "Where others reach this node, when it is not where it listens: host, or host:port.",
          ...TEXT,
        },
        tls: {
          description:
            "Encrypts what nodes say to each other; at all nodes or at none. Files are PEM, relative to this file.",
          type: "object",
          additionalProperties: false,
          properties: {
            cert: { description: "This node's certificate, with those between it and its authority.", ...TEXT },
            key: { description: "Its private key, without a passphrase.", ...TEXT },
            ca: { description: "The authorities of nodes' certificates; default those that Node.js knows.", ...TEXT },
            name: {
              description: "What nodes' certificates are made out to; default the address each is reached at.",
              ...TEXT,
            },
          },
          "x-rule": "must be a map",
        },
      },
    },
    limits: {
      description: "What bounds an execution.",
      type: "object",
      additionalProperties: false,
      properties: {
        profile: {
          description: "strict: AWS's limits. extended: larger ones.",
          type: "string",
          enum: ["strict", "extended"],
          default: "strict",
          "x-rule": "must be strict or extended",
        },
      },
      "x-rule": "must be a map",
    },
    decisions: {
      description: "Where it is decided what executions do next.",
      type: "object",
      additionalProperties: false,
      properties: {
        threads: wholeNumber(
          "Threads for decisions that take long; by default as many as processors but one, and at least one. 0: all are made on the thread that answers requests.",
          0,
          256,
        ),
        quickMs: wholeNumber(
          "How much expressions and paths of one decision may take of the thread that answers requests, in milliseconds of the reckoning of bounds; what needs more goes to the other threads.",
          0,
          10_000,
          10,
        ),
      },
      "x-rule": "must be a map",
    },
    logs: logsSchema,
    events: eventsSchema,
    auth: path(
      "Keys that may sign requests, as `stepwell keys` writes them; without it the service listens on loopback only. Relative to this file.",
    ),
    ...servicesSchema,
    buckets: {
      description:
        "Buckets that are directories, for the readers and result writers of distributed Maps and for `aws-sdk:s3` tasks. Relative to this file. All other buckets are S3's.",
      type: "object",
      propertyNames: { pattern: "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", "x-rule": "must be the name of a bucket" },
      additionalProperties: { type: "string", minLength: 1, "x-rule": "must be the path of a directory" },
      "x-rule": "must be a map of bucket names to directories",
    },
    stateMachines: {
      description: "State machines by name, for `stepwell deploy stepwell.yaml`; a running service does not read them.",
      type: "object",
      propertyNames: {
        pattern: '^[^\\s<>{}[\\]?*"#%\\\\^|~`$&,;:/]{1,80}$',
        "x-rule": "must be the name of a state machine",
      },
      additionalProperties: stateMachineSchema,
      "x-rule": "must be a map of state machines",
    },
    functions: {
      description: "Lambda functions that run here, by name or ARN, with an optional :qualifier.",
      type: "object",
      propertyNames: { pattern: FUNCTION_NAME, "x-rule": "must be a function's name or ARN" },
      additionalProperties: functionSchema,
      "x-rule": "must be a map of functions",
    },
  },
  "x-rule": "must be a map",
};
