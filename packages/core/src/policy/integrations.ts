// What each optimised integration needs. AWS, "IAM policies for integrated services".
import { type Grant, grant, type Parameters } from "./grant.ts";

/** Patterns that wait for a job, and by which the service is told of its end. */
type Pattern = "requestResponse" | "sync" | "waitForTaskToken";

type Grants = (given: Parameters, pattern: Pattern) => readonly Grant[];

/** The rule by which Step Functions hears of a job's end. */
function managedRule(given: Parameters, name: string): Grant {
  return grant(["events:PutTargets", "events:PutRule", "events:DescribeRule"], given.arn("events", `rule/${name}`));
}

function table(action: string): Grants {
  return (given) => [
    grant(
      `dynamodb:${action}`,
      given.named("TableName", "dynamodb", (name) => `table/${name}`),
    ),
  ];
}

function cluster(...actions: string[]): Grants {
  return (given) => [
    grant(
      actions.map((action) => `elasticmapreduce:${action}`),
      given.arn("elasticmapreduce", "cluster/*"),
    ),
  ];
}

/** A function and its versions and aliases; one of these alone, when it is named. */
export function lambda(given: Parameters, reference: string | undefined): Grant {
  // `123456789012:function:f` is an ARN without its beginning.
  const partial = /^(\d{12}):(function:.+)$/.exec(reference ?? "");
  const { partition, region } = given.place;
  const whole = partial === null ? reference : `arn:${partition}:lambda:${region}:${partial[1]}:${partial[2]}`;
  const parts = (whole ?? "*").split(":");
  const isArn = parts[0] === "arn";
  const qualifier = isArn ? parts[7] : parts[1];
  const base = isArn ? parts.slice(0, 7).join(":") : given.arn("lambda", `function:${parts[0]}`);
  return grant("lambda:InvokeFunction", qualifier === undefined ? [base, `${base}:*`] : `${base}:${qualifier}`);
}

export function queueArn(given: Parameters): string {
  const url = given.text("QueueUrl");
  const match = /^https?:\/\/(?:(?:[^/]*\.)?sqs\.([a-z0-9-]+)\.|([a-z0-9-]+)\.queue\.)?[^/]*\/(\d{12})\/([^/]+)$/.exec(
    url ?? "",
  );
  if (match === null) return given.arn("sqs", "*");
  const { partition, region } = given.place;
  return `arn:${partition}:sqs:${match[1] ?? match[2] ?? region}:${match[3]}:${match[4]}`;
}

/** `arn:…:execution:<name>:*` of a state machine's ARN. */
function executionsOf(stateMachineArn: string): string {
  return `${stateMachineArn.replace(":stateMachine:", ":execution:").replace(/^((?:[^:]*:){6}[^:]*).*$/, "$1")}:*`;
}

const startExecution: Grants = (given, pattern) => {
  const machine = given.named("StateMachineArn", "states", (name) => `stateMachine:${name}`);
  if (pattern !== "sync") return [grant("states:StartExecution", machine)];
  return [
    grant("states:StartExecution", machine),
    grant(["states:DescribeExecution", "states:StopExecution"], executionsOf(machine)),
    managedRule(given, "StepFunctionsGetEventsForStepFunctionsExecutionRule"),
  ];
};

const invokeHttp: Grants = (given) => {
  const authentication = given.inside("Authentication");
  const invocation = given.inside("InvocationConfig");
  const holder = authentication.has("ConnectionArn") ? authentication : invocation;
  const connection = holder.text("ConnectionArn") || given.arn("events", "connection/*");
  const [, name = "*", id = "*"] = /connection\/([^/]+)(?:\/(.+))?$/.exec(connection) ?? [];
  const endpoint = given.text("ApiEndpoint");
  const condition = {
    StringLike: { "states:HTTPEndpoint": endpoint === undefined || endpoint === "" ? "*" : `${endpoint}*` },
  };
  const method = given.text("Method");
  const methods = method === undefined || method === "" ? {} : { StringEquals: { "states:HTTPMethod": method } };
  return [
    { ...grant("states:InvokeHTTPEndpoint", "*"), condition: { ...condition, ...methods } },
    grant("events:RetrieveConnectionCredentials", connection),
    grant(
      ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
      given.arn("secretsmanager", `secret:events!connection/${name}/${id}-*`.replace("/*-*", "/*")),
    ),
  ];
};

const invokeApi: Grants = (given) => {
  const endpoint = given.text("ApiEndpoint");
  const api = endpoint === undefined || endpoint === "" ? "*" : (endpoint.split(".")[0] as string);
  const region = /\.execute-api\.([a-z0-9-]+)\./.exec(endpoint ?? "")?.[1] ?? given.place.region;
  const path = (given.text("Path") ?? "*").replace(/^\//, "");
  const { partition, accountId } = given.place;
  const stage = given.text("Stage") || "*";
  const method = given.text("Method") || "*";
  const resource = `arn:${partition}:execute-api:${region}:${accountId}:${api}/${stage}/${method}/${path === "" ? "*" : path}`;
  return [grant("execute-api:Invoke", resource)];
};

const runTask: Grants = (given, pattern) => {
  const task = given.named(
    "TaskDefinition",
    "ecs",
    (name) => `task-definition/${name.includes(":") || name === "*" ? name : `${name}:*`}`,
  );
  const { partition, accountId } = given.place;
  given.note(
    "iam:PassRole must name the task role and the execution role of the task definition, which the definition does not say",
  );
  return [
    grant("ecs:RunTask", task),
    ...(pattern === "sync"
      ? [grant(["ecs:StopTask", "ecs:DescribeTasks"], "*"), managedRule(given, "StepFunctionsGetEventsForECSTaskRule")]
      : []),
    {
      ...grant("iam:PassRole", `arn:${partition}:iam::${accountId}:role/*`),
      condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
    },
  ];
};

const createCluster: Grants = (given, pattern) => {
  const { partition, accountId } = given.place;
  return [
    grant(
      [
        "elasticmapreduce:RunJobFlow",
        "elasticmapreduce:DescribeCluster",
        "elasticmapreduce:TerminateJobFlows",
        "elasticmapreduce:AddTags",
      ],
      "*",
    ),
    ...given.passRole("ServiceRole"),
    ...given.passRole("JobFlowRole"),
    ...given.passRole("AutoScalingRole"),
    {
      ...grant(
        "iam:CreateServiceLinkedRole",
        `arn:${partition}:iam::${accountId}:role/aws-service-role/elasticmapreduce.amazonaws.com*/AWSServiceRoleForEMRCleanup*`,
      ),
      condition: {
        StringEquals: { "iam:AWSServiceName": ["elasticmapreduce.amazonaws.com", "elasticmapreduce.amazonaws.com.cn"] },
      },
    },
    ...(pattern === "sync" ? [managedRule(given, "StepFunctionsGetEventForEMRRunJobFlowRule")] : []),
  ];
};

function virtualCluster(given: Parameters, name: string): string {
  return given.arn("emr-containers", `/virtualclusters/${given.text(name) || "*"}`);
}

const startContainersJob: Grants = (given, pattern) => {
  const cluster = virtualCluster(given, "VirtualClusterId");
  const role = given.text("ExecutionRoleArn");
  const condition = role ? { condition: { StringEquals: { "emr-containers:ExecutionRoleArn": role } } } : {};
  return [
    { ...grant("emr-containers:StartJobRun", cluster), ...condition },
    ...(pattern === "sync"
      ? [grant(["emr-containers:DescribeJobRun", "emr-containers:CancelJobRun"], `${cluster}/jobruns/*`)]
      : []),
  ];
};

/** SageMaker lower-cases names in the ARNs of some resources; a pattern takes both. */
function sagemaker(given: Parameters, name: string, kind: string): string {
  return given.named(name, "sagemaker", (text) => `${kind}/${text.toLowerCase()}`);
}

function trainingJob(kind: "Training" | "Transform", rule: string): Grants {
  return (given, pattern) => {
    const resource = given.arn("sagemaker", `${kind.toLowerCase()}-job/${given.text(`${kind}JobName`) || ""}*`);
    const jobs = ["Create", ...(pattern === "sync" ? ["Describe", "Stop"] : [])].map(
      (verb) => `sagemaker:${verb}${kind}Job`,
    );
    const tags = pattern === "sync" || given.has("Tags") ? ["sagemaker:AddTags"] : [];
    return [
      grant([...jobs, ...tags], resource),
      grant("sagemaker:ListTags", "*"),
      ...given.passRole("RoleArn", "sagemaker.amazonaws.com"),
      ...(pattern === "sync" ? [managedRule(given, rule)] : []),
    ];
  };
}

function withTags(given: Parameters, action: string, ...resources: string[]): Grant[] {
  const tags = given.has("Tags") ? ["sagemaker:AddTags"] : [];
  return [grant([`sagemaker:${action}`, ...tags], resources), grant("sagemaker:ListTags", "*")];
}

/** The query may be any: it may make tables, too. */
const GLUE_ACTIONS: readonly string[] = [
  ...["Database", "Table", "Partition"].flatMap((kind) =>
    ["Create", "Get", "Update", "Delete"].map((verb) => `glue:${verb}${kind}`),
  ),
  ...["glue:GetDatabases", "glue:GetTables", "glue:GetPartitions"],
  ...["glue:BatchCreatePartition", "glue:BatchDeletePartition", "glue:BatchGetPartition", "glue:BatchDeleteTable"],
];

const startQuery: Grants = (given, pattern) => {
  const workgroup = given.text("WorkGroup") || "primary";
  const context = given.inside("QueryExecutionContext");
  const catalog = context.text("Catalog") || "AwsDataCatalog";
  const database = context.text("Database");
  const location = given.inside("ResultConfiguration").text("OutputLocation");
  const output = /^s3:\/\/([^/{]+)\/?([^{]*?)\/?$/.exec(location ?? "");
  const { partition } = given.place;
  const results =
    output === null
      ? `arn:${partition}:s3:::*`
      : `arn:${partition}:s3:::${[output[1], output[2]].filter(Boolean).join("/")}/*`;
  const of = (kind: string, rest = ""): string => given.arn("glue", `${kind}/${database || "*"}${rest}`);
  return [
    grant(
      [
        "athena:getDataCatalog",
        "athena:startQueryExecution",
        "athena:getQueryExecution",
        ...(pattern === "sync" ? ["athena:stopQueryExecution"] : []),
      ],
      [given.arn("athena", `datacatalog/${catalog}`), given.arn("athena", `workgroup/${workgroup}`)],
    ),
    grant(
      ["s3:CreateBucket", "s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation", "lakeformation:GetDataAccess"],
      "*",
    ),
    grant(
      ["s3:AbortMultipartUpload", "s3:ListBucketMultipartUploads", "s3:ListMultipartUploadParts", "s3:PutObject"],
      results,
    ),
    grant(GLUE_ACTIONS, [
      given.arn("glue", "catalog"),
      of("database"),
      of("table", "/*"),
      of("userDefinedFunction", "/*"),
    ]),
  ];
};

const putEvents: Grants = (given) => {
  const buses = given
    .list("Entries")
    .map((entry) =>
      entry.named(
        "EventBusName",
        "events",
        (name) => `event-bus/${name === "*" && !entry.has("EventBusName") ? "default" : name}`,
      ),
    );
  return [grant("events:PutEvents", buses.length === 0 ? given.arn("events", "event-bus/*") : [...new Set(buses)])];
};

/** Models by name, by ARN, or by a profile that spreads calls over regions: then in each of them. Bedrock, "Inference profiles". */
export function modelArns(given: Parameters, parameter: string): readonly string[] {
  const { partition, region } = given.place;
  const model = given.text(parameter);
  const [, profile] =
    /^(?:arn:[^/]*:inference-profile\/)?((?:apac|au|ca|eu|global|jp|us|us-gov)\.[^/]+)$/.exec(model ?? "") ?? [];
  if (model !== undefined && profile !== undefined) {
    const arn = model === profile ? given.arn("bedrock", `inference-profile/${profile}`) : model;
    return [arn, `arn:${partition}:bedrock:*::foundation-model/${profile.slice(profile.indexOf(".") + 1)}`];
  }
  if (model !== undefined && /:application-inference-profile\//.test(model)) {
    given.note(`the models behind ${model} are not in the definition`);
    return [model, `arn:${partition}:bedrock:*::foundation-model/*`];
  }
  return [
    model?.startsWith("arn:") === true ? model : `arn:${partition}:bedrock:${region}::foundation-model/${model || "*"}`,
  ];
}

const invokeModel: Grants = (given) => {
  const { partition } = given.place;
  const guardrail = given.has("GuardrailIdentifier")
    ? [
        grant(
          "bedrock:ApplyGuardrail",
          given.named("GuardrailIdentifier", "bedrock", (id) => `guardrail/${id}`),
        ),
      ]
    : [];
  const bucket = (name: string, action: string): Grant[] => {
    const uri = /^s3:\/\/([^{]+)$/.exec(given.inside(name).text("S3Uri") ?? "")?.[1];
    if (!given.inside(name).has("S3Uri")) return [];
    return [grant(action, `arn:${partition}:s3:::${uri ?? "*"}`)];
  };
  return [
    grant("bedrock:InvokeModel", modelArns(given, "ModelId")),
    ...guardrail,
    ...bucket("Input", "s3:GetObject"),
    ...bucket("Output", "s3:PutObject"),
  ];
};

const customizeModel: Grants = (given, pattern) => {
  const { partition, region } = given.place;
  const base = given.text("BaseModelIdentifier");
  const model =
    base?.startsWith("arn:") === true ? base : `arn:${partition}:bedrock:${region}::foundation-model/${base || "*"}`;
  const jobs = given.arn("bedrock", "model-customization-job/*");
  return [
    grant(
      ["bedrock:CreateModelCustomizationJob", "bedrock:TagResource"],
      [model, given.arn("bedrock", "custom-model/*"), jobs],
    ),
    ...(pattern === "sync"
      ? [grant(["bedrock:GetModelCustomizationJob", "bedrock:StopModelCustomizationJob"], jobs)]
      : []),
    ...given.passRole("RoleArn"),
  ];
};

const build =
  (kind: "Build" | "BuildBatch"): Grants =>
  (given, pattern) => {
    const project = given.named("ProjectName", "codebuild", (name) => `project/${name}`);
    const waits =
      kind === "Build"
        ? ["codebuild:StopBuild", "codebuild:BatchGetBuilds", "codebuild:BatchGetReports"]
        : ["codebuild:StopBuildBatch", "codebuild:BatchGetBuildBatches"];
    return [
      grant([`codebuild:Start${kind}`, ...(pattern === "sync" ? waits : [])], project),
      ...(pattern === "sync" ? [managedRule(given, `StepFunctionsGetEventForCodeBuildStart${kind}Rule`)] : []),
    ];
  };

const SERVERLESS_APPLICATION_RULE = "StepFunctionsGetEventsForEMRServerlessApplicationRule";
const SERVERLESS_JOB_RULE = "StepFunctionsGetEventsForEMRServerlessJobRule";

/** The service-linked role is made with the account's first application. */
const createApplication: Grants = (given, pattern) => {
  const { partition, accountId } = given.place;
  const linked = `role/aws-service-role/ops.emr-serverless.amazonaws.com/AWSServiceRoleForAmazonEMRServerless*`;
  return [
    grant("emr-serverless:CreateApplication", given.arn("emr-serverless", "/*")),
    {
      ...grant("iam:CreateServiceLinkedRole", `arn:${partition}:iam::${accountId}:${linked}`),
      condition: { StringLike: { "iam:AWSServiceName": "ops.emr-serverless.amazonaws.com" } },
    },
    ...(pattern === "sync"
      ? [
          grant(
            ["emr-serverless:GetApplication", "emr-serverless:DeleteApplication"],
            given.arn("emr-serverless", "/applications/*"),
          ),
          managedRule(given, SERVERLESS_APPLICATION_RULE),
        ]
      : []),
  ];
};

/** By `service:action`. */
export const INTEGRATION_GRANTS: { readonly [call: string]: Grants } = {
  "lambda:invoke": (given) => [lambda(given, given.text("FunctionName"))],
  "sns:publish": (given) => {
    if (given.has("PhoneNumber")) return [grant("sns:Publish", "*")];
    return [
      grant(
        "sns:Publish",
        given.has("TopicArn")
          ? given.named("TopicArn", "sns", (name) => name)
          : given.named("TargetArn", "sns", (name) => name),
      ),
    ];
  },
  "sqs:sendMessage": (given) => [grant("sqs:SendMessage", queueArn(given))],
  "dynamodb:getItem": table("GetItem"),
  "dynamodb:putItem": table("PutItem"),
  "dynamodb:updateItem": table("UpdateItem"),
  "dynamodb:deleteItem": table("DeleteItem"),
  "states:startExecution": startExecution,
  "http:invoke": invokeHttp,
  "apigateway:invoke": invokeApi,
  "events:putEvents": putEvents,
  "ecs:runTask": runTask,
  "batch:submitJob": (given, pattern) => [
    grant("batch:SubmitJob", [
      given.arn("batch", "job-definition/*"),
      given.named("JobQueue", "batch", (name) => `job-queue/${name}`),
    ]),
    ...(pattern === "sync"
      ? [
          grant(["batch:DescribeJobs", "batch:TerminateJob"], "*"),
          managedRule(given, "StepFunctionsGetEventsForBatchJobsRule"),
        ]
      : []),
  ],
  "glue:startJobRun": (given, pattern) => [
    grant(
      pattern === "sync"
        ? ["glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"]
        : ["glue:StartJobRun"],
      given.named("JobName", "glue", (name) => `job/${name}`),
    ),
  ],
  "databrew:startJobRun": (given, pattern) => [
    grant(
      [
        "databrew:startJobRun",
        ...(pattern === "sync" ? ["databrew:stopJobRun", "databrew:describeJobRun", "databrew:listJobRuns"] : []),
      ],
      given.named("Name", "databrew", (name) => `job/${name}`),
    ),
  ],
  "codebuild:startBuild": build("Build"),
  "codebuild:startBuildBatch": build("BuildBatch"),
  "codebuild:stopBuild": (given) => [grant("codebuild:StopBuild", given.arn("codebuild", "project/*"))],
  "codebuild:stopBuildBatch": (given) => [grant("codebuild:StopBuildBatch", given.arn("codebuild", "project/*"))],
  "codebuild:retryBuild": (given) => [grant("codebuild:RetryBuild", given.arn("codebuild", "project/*"))],
  "codebuild:retryBuildBatch": (given, pattern) => [
    grant(
      [
        "codebuild:RetryBuildBatch",
        ...(pattern === "sync" ? ["codebuild:StopBuildBatch", "codebuild:BatchGetBuildBatches"] : []),
      ],
      given.arn("codebuild", "project/*"),
    ),
    ...(pattern === "sync" ? [managedRule(given, "StepFunctionsGetEventForCodeBuildRetryBuildBatchRule")] : []),
  ],
  "codebuild:batchGetBuildBatches": (given) => [
    grant("codebuild:BatchGetBuildBatches", given.arn("codebuild", "project/*")),
  ],
  "codebuild:deleteBuildBatch": (given) => [grant("codebuild:DeleteBuildBatch", given.arn("codebuild", "project/*"))],
  "codebuild:batchDeleteBuilds": (given) => [grant("codebuild:BatchDeleteBuilds", given.arn("codebuild", "project/*"))],
  "codebuild:batchGetReports": (given) => [
    grant("codebuild:BatchGetReports", given.arn("codebuild", "report-group/*")),
  ],
  "athena:startQueryExecution": startQuery,
  "athena:stopQueryExecution": () => [grant("athena:stopQueryExecution", "*")],
  "athena:getQueryExecution": () => [grant("athena:getQueryExecution", "*")],
  "athena:getQueryResults": () => [grant(["athena:getQueryResults", "s3:GetObject"], "*")],
  "elasticmapreduce:createCluster": createCluster,
  "elasticmapreduce:terminateCluster": (given, pattern) => [
    ...cluster("TerminateJobFlows", "DescribeCluster")(given, pattern),
    ...(pattern === "sync" ? [managedRule(given, "StepFunctionsGetEventForEMRTerminateJobFlowsRule")] : []),
  ],
  "elasticmapreduce:addStep": (given, pattern) => [
    ...cluster(...(pattern === "sync" ? ["AddJobFlowSteps", "DescribeStep", "CancelSteps"] : ["AddJobFlowSteps"]))(
      given,
      pattern,
    ),
    ...(pattern === "sync" ? [managedRule(given, "StepFunctionsGetEventForEMRAddJobFlowStepsRule")] : []),
    ...given.passRole("ExecutionRoleArn"),
  ],
  "elasticmapreduce:cancelStep": cluster("CancelSteps"),
  "elasticmapreduce:setClusterTerminationProtection": cluster("SetTerminationProtection"),
  "elasticmapreduce:modifyInstanceFleetByName": cluster("ModifyInstanceFleet", "ListInstanceFleets"),
  "elasticmapreduce:modifyInstanceGroupByName": cluster("ModifyInstanceGroups", "ListInstanceGroups"),
  "emr-containers:createVirtualCluster": (given) => [
    grant("emr-containers:CreateVirtualCluster", "*"),
    {
      ...grant(
        "iam:CreateServiceLinkedRole",
        `arn:${given.place.partition}:iam::${given.place.accountId}:role/aws-service-role/emr-containers.amazonaws.com/AWSServiceRoleForAmazonEMRContainers`,
      ),
      condition: { StringLike: { "iam:AWSServiceName": "emr-containers.amazonaws.com" } },
    },
  ],
  "emr-containers:deleteVirtualCluster": (given, pattern) => [
    grant(
      ["emr-containers:DeleteVirtualCluster", ...(pattern === "sync" ? ["emr-containers:DescribeVirtualCluster"] : [])],
      virtualCluster(given, "Id"),
    ),
  ],
  "emr-containers:startJobRun": startContainersJob,
  "emr-serverless:createApplication": createApplication,
  "emr-serverless:startApplication": serverless(["StartApplication"], ["GetApplication", "StopApplication"]),
  "emr-serverless:stopApplication": serverless(["StopApplication"], ["GetApplication"]),
  "emr-serverless:deleteApplication": serverless(["DeleteApplication"], ["GetApplication"]),
  "emr-serverless:startJobRun": (given, pattern) => [
    grant("emr-serverless:StartJobRun", application(given)),
    ...(pattern === "sync"
      ? [
          grant(["emr-serverless:GetJobRun", "emr-serverless:CancelJobRun"], `${application(given)}/jobruns/*`),
          managedRule(given, SERVERLESS_JOB_RULE),
        ]
      : []),
    ...given.passRole("ExecutionRoleArn", "emr-serverless.amazonaws.com"),
  ],
  "emr-serverless:cancelJobRun": (given, pattern) => [
    grant(
      ["emr-serverless:CancelJobRun", ...(pattern === "sync" ? ["emr-serverless:GetJobRun"] : [])],
      `${application(given)}/jobruns/${given.text("JobRunId") || "*"}`,
    ),
    ...(pattern === "sync" ? [managedRule(given, SERVERLESS_JOB_RULE)] : []),
  ],
  // Kubernetes' own rules decide what the role may do in the cluster.
  "eks:call": () => [],
  "eks:runJob": () => [],
  "eks:createCluster": (given, pattern) => [
    grant(eks("CreateCluster", "DescribeCluster", "DeleteCluster")(pattern), "*"),
    ...given.passRole("RoleArn", "eks.amazonaws.com"),
  ],
  "eks:deleteCluster": (given, pattern) => [
    grant(
      eks("DeleteCluster", "DescribeCluster")(pattern),
      given.named("Name", "eks", (name) => `cluster/${name}`),
    ),
  ],
  "eks:createFargateProfile": (given, pattern) => [
    grant(eks("CreateFargateProfile", "DescribeFargateProfile")(pattern), [
      given.named("ClusterName", "eks", (name) => `cluster/${name}`),
      given.arn("eks", "fargateprofile/*"),
    ]),
    ...given.passRole("PodExecutionRoleArn", "eks-fargate-pods.amazonaws.com"),
  ],
  "eks:deleteFargateProfile": (given, pattern) => [
    grant(eks("DeleteFargateProfile", "DescribeFargateProfile")(pattern), given.arn("eks", "fargateprofile/*")),
  ],
  "eks:createNodegroup": (given, pattern) => [
    grant(eks("CreateNodegroup", "DescribeNodegroup")(pattern), [
      given.named("ClusterName", "eks", (name) => `cluster/${name}`),
      given.arn("eks", "nodegroup/*"),
    ]),
    ...given.passRole("NodeRole"),
  ],
  "eks:deleteNodegroup": (given, pattern) => [
    grant(eks("DeleteNodegroup", "DescribeNodegroup")(pattern), given.arn("eks", "nodegroup/*")),
  ],
  "sagemaker:createTrainingJob": trainingJob("Training", "StepFunctionsGetEventsForSageMakerTrainingJobsRule"),
  "sagemaker:createTransformJob": trainingJob("Transform", "StepFunctionsGetEventsForSageMakerTransformJobsRule"),
  "sagemaker:createHyperParameterTuningJob": (given, pattern) => [
    grant(
      [
        "sagemaker:CreateHyperParameterTuningJob",
        ...(pattern === "sync"
          ? ["sagemaker:DescribeHyperParameterTuningJob", "sagemaker:StopHyperParameterTuningJob"]
          : []),
      ],
      given.arn("sagemaker", "hyper-parameter-tuning-job/*"),
    ),
    grant("sagemaker:ListTags", "*"),
    ...given.inside("TrainingJobDefinition").passRole("RoleArn", "sagemaker.amazonaws.com"),
    ...(pattern === "sync" ? [managedRule(given, "StepFunctionsGetEventsForSageMakerTuningJobsRule")] : []),
  ],
  "sagemaker:createProcessingJob": (given, pattern) => [
    grant(
      [
        "sagemaker:CreateProcessingJob",
        ...(pattern === "sync" ? ["sagemaker:DescribeProcessingJob", "sagemaker:StopProcessingJob"] : []),
      ],
      given.arn("sagemaker", `processing-job/${given.text("ProcessingJobName") || ""}*`),
    ),
    grant("sagemaker:ListTags", "*"),
    ...given.passRole("RoleArn", "sagemaker.amazonaws.com"),
    ...(pattern === "sync" ? [managedRule(given, "StepFunctionsGetEventsForSageMakerProcessingJobsRule")] : []),
  ],
  "sagemaker:createLabelingJob": (given, pattern) => [
    grant(
      [
        "sagemaker:CreateLabelingJob",
        ...(pattern === "sync" ? ["sagemaker:DescribeLabelingJob", "sagemaker:StopLabelingJob"] : []),
      ],
      given.arn("sagemaker", "labeling-job/*"),
    ),
    grant("sagemaker:ListTags", "*"),
    ...given.passRole("RoleArn", "sagemaker.amazonaws.com"),
    ...(pattern === "sync" ? [managedRule(given, "StepFunctionsGetEventsForSageMakerLabelingJobsRule")] : []),
  ],
  "sagemaker:createModel": (given) => [
    ...withTags(given, "CreateModel", sagemaker(given, "ModelName", "model").replace(/([^*])$/, "$1*")),
    ...given.passRole("ExecutionRoleArn", "sagemaker.amazonaws.com"),
  ],
  "sagemaker:createEndpointConfig": (given) =>
    withTags(given, "CreateEndpointConfig", sagemaker(given, "EndpointConfigName", "endpoint-config")),
  "sagemaker:createEndpoint": (given) =>
    withTags(
      given,
      "createEndpoint",
      sagemaker(given, "EndpointConfigName", "endpoint-config"),
      sagemaker(given, "EndpointName", "endpoint"),
    ),
  "sagemaker:updateEndpoint": (given) => [
    grant("sagemaker:updateEndpoint", [
      sagemaker(given, "EndpointConfigName", "endpoint-config"),
      sagemaker(given, "EndpointName", "endpoint"),
    ]),
  ],
  "bedrock:invokeModel": invokeModel,
  "bedrock:createModelCustomizationJob": customizeModel,
  "mediaconvert:createJob": (given, pattern) => [
    grant(
      ["mediaconvert:CreateJob", ...(pattern === "sync" ? ["mediaconvert:GetJob", "mediaconvert:CancelJob"] : [])],
      "*",
    ),
    ...given.passRole("Role", "mediaconvert.amazonaws.com"),
    ...(pattern === "sync" ? [managedRule(given, "StepFunctionsGetEventsForMediaConvertJobRule")] : []),
  ],
};

function application(given: Parameters): string {
  return given.arn("emr-serverless", `/applications/${given.text("ApplicationId") || "*"}`);
}

function serverless(actions: readonly string[], waiting: readonly string[]): Grants {
  return (given, pattern) => {
    const all = pattern === "sync" ? [...actions, ...waiting] : actions;
    return [
      grant(
        all.map((action) => `emr-serverless:${action}`),
        application(given),
      ),
      ...(pattern === "sync" ? [managedRule(given, SERVERLESS_APPLICATION_RULE)] : []),
    ];
  };
}

/** On EKS the state of what is made or deleted is asked for again and again; a cluster that is not wanted any more goes. */
function eks(action: string, describe: string, ...undo: string[]): (pattern: Pattern) => string[] {
  return (pattern) => (pattern === "sync" ? [action, describe, ...undo] : [action]).map((name) => `eks:${name}`);
}
