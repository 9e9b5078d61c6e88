import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AwsEndpoints } from "./aws-endpoints.ts";
import { applyPlans, type Deployment, planStacks } from "./deploy-stacks.ts";
import { applyDestroy, planDestroy } from "./destroy-stacks.ts";
import type { SourceOptions } from "./read-sources.ts";
import { dataDirectory } from "./target/data-directory.ts";
import type { StepFunctionsTarget } from "./target/step-functions-target.ts";

// Whole deployments into a data directory on which no service runs.

let directory: string;
let target: StepFunctionsTarget;
let told: string[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "stepwell-deployment-"));
  target = await dataDirectory({ dataDir: join(directory, "data") });
  told = [];
});
afterEach(async () => {
  await target.close();
  rmSync(directory, { recursive: true, force: true });
});

function deployment(): Deployment {
  return {
    identity: { partition: "aws", region: "us-east-1", accountId: "123456789012" },
    dataDirectory: join(directory, "data"),
    endpoints: new AwsEndpoints({ env: {} }),
    nameOnly: new Set(),
    adopt: false,
    target,
    tell: (line) => void told.push(line.trim()),
  };
}

function file(name: string, text: string): string {
  const path = join(directory, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const options = (given: Partial<SourceOptions> = {}): SourceOptions => ({
  only: [],
  parameters: new Map(),
  machine: {},
  ...given,
});

async function deploy(paths: string[], given: Partial<SourceOptions> = {}): Promise<string[]> {
  const plans = await planStacks(paths, options(given), deployment());
  told = [];
  await applyPlans(plans, deployment());
  return plans.flatMap(({ steps }) => steps.map(({ action, logicalId }) => `${action} ${logicalId}`));
}

async function machines(): Promise<string[]> {
  const { stateMachines } = await target.call<{ stateMachines: { name: string }[] }>("ListStateMachines", {});
  return stateMachines.map(({ name }) => name);
}

async function definitionOf(name: string): Promise<unknown> {
  const stateMachineArn = `arn:aws:states:us-east-1:123456789012:stateMachine:${name}`;
  const { definition } = await target.call<{ definition: string }>("DescribeStateMachine", { stateMachineArn });
  return JSON.parse(definition);
}

const PASS = { StartAt: "A", States: { A: { Type: "Pass", End: true } } };

const template = (text: string): string => `
Parameters: { Text: { Type: String, Default: one } }
Resources:
  F: { Type: AWS::Lambda::Function, Properties: { Runtime: nodejs22.x, Handler: index.handler, Code: { ZipFile: "${text}" } } }
  M:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      Definition: { StartAt: A, States: { A: { Type: Task, Resource: !GetAtt F.Arn, Comment: !Ref Text, End: true } } }
Outputs: { Arn: { Value: !Ref M, Export: { Name: the-machine } } }
`;

describe("a template", () => {
  it("is deployed, has nothing to do, and follows changes", async () => {
    const path = file("orders.yaml", template("1"));
    expect(await deploy([path])).toEqual(["create F", "create M"]);
    expect(await machines()).toEqual(["orders-M"]);
    const service = join(directory, "data", "deployed", "orders", "service.json");
    const first = readFileSync(service, "utf8");
    expect(JSON.parse(first)).toMatchObject({ functions: { "orders-F": { timeoutSeconds: 3 } } });
    expect(await deploy([path])).toEqual(["unchanged F", "unchanged M"]);
    expect(told).toEqual([]);

    file("orders.yaml", template("2"));
    expect(await deploy([path])).toEqual(["update F", "unchanged M"]);
    expect(readFileSync(service, "utf8")).not.toBe(first);
    expect(await deploy([path], { parameters: new Map([["Text", "two"]]) })).toEqual(["unchanged F", "update M"]);
    expect(await definitionOf("orders-M")).toMatchObject({ States: { A: { Comment: "two" } } });

    file(
      "orders.yaml",
      template("2")
        .replace(/ {2}F: .*\n/, "")
        .replace("!GetAtt F.Arn", '"arn:aws:states:::sns:publish"'),
    );
    expect(await deploy([path])).toEqual(["update M", "delete F"]);
    expect(JSON.parse(readFileSync(service, "utf8"))).toMatchObject({ functions: {} });
    // Its code goes with the next deployment: a process may still run it.
    expect(existsSync(join(directory, "data", "deployed", "orders", "functions", "orders-F"))).toBe(true);
    await deploy([path]);
    expect(existsSync(join(directory, "data", "deployed", "orders", "functions", "orders-F"))).toBe(false);
  });

  it("with anything wrong changes nothing", async () => {
    const good = file("good.yaml", template("1"));
    const bad = file(
      "bad.yaml",
      "Resources: { X: { Type: AWS::Foo::Bar }, Y: { Type: AWS::SQS::Queue, Properties: !Transform x } }",
    );
    await expect(deploy([good, bad])).rejects.toThrow(
      /bad.yaml:1:19: \/Resources\/X\/Type: the resource type AWS::Foo::Bar is not supported[\s\S]*Fn::Transform is not supported/,
    );
    expect(await machines()).toEqual([]);
    expect(existsSync(join(directory, "data", "deployed", "good"))).toBe(false);
  });

  it.each([
    ["FunctionName: ../../x", "FunctionName: must be 1 to 64 letters, digits, - or _"],
    ["Timeout: 100000", "/functions/t-F/timeoutSeconds: must be a whole number from 1 to 86400"],
    ["Environment: { Variables: { 'A-B': c } }", "the key must be the name of an environment variable"],
    [
      "Environment: { Variables: { A: '{{resolve:ssm:/x}}' } }",
      "Environment/Variables/A: {{resolve:ssm:/x}}: no stack",
    ],
  ])("whose function the service would not take is refused: %s", async (property, message) => {
    const path = file(
      "t.yaml",
      `Resources: { F: { Type: AWS::Lambda::Function, Properties: { Runtime: nodejs22.x, Handler: index.handler, Code: { ZipFile: x }, ${property} } } }`,
    );
    await expect(deploy([path])).rejects.toThrow(message);
  });

  it("cannot name a bucket outside of the data directory", async () => {
    const path = file("t.yaml", "Resources: { B: { Type: AWS::S3::Bucket, Properties: { BucketName: ../../x } } }");
    await expect(deploy([path])).rejects.toThrow("must be the name of a bucket");
  });

  it("comes back when what it made was deleted by hand", async () => {
    const path = file("orders.yaml", template("1"));
    await deploy([path]);
    const stateMachineArn = "arn:aws:states:us-east-1:123456789012:stateMachine:orders-M";
    await target.call("DeleteStateMachine", { stateMachineArn });
    expect(await deploy([path])).toEqual(["unchanged F", "create M"]);
    expect(await machines()).toEqual(["orders-M"]);
  });

  it("does not take a state machine that belongs to nobody, unless it is told to", async () => {
    const roleArn = "arn:aws:iam::123456789012:role/x";
    await target.call("CreateStateMachine", { name: "orders-M", definition: JSON.stringify(PASS), roleArn });
    const path = file("orders.yaml", template("1"));
    await expect(deploy([path])).rejects.toThrow("--adopt");
    const plans = await planStacks([path], options(), { ...deployment(), adopt: true });
    await applyPlans(plans, deployment());
    expect(await definitionOf("orders-M")).toMatchObject({ States: { A: { Type: "Task" } } });
  });

  it("replaces a state machine whose type changes", async () => {
    const machine = (type: string): string =>
      JSON.stringify({
        Resources: {
          M: { Type: "AWS::StepFunctions::StateMachine", Properties: { Definition: PASS, StateMachineType: type } },
        },
      });
    const path = file("t.json", machine("STANDARD"));
    await deploy([path]);
    file("t.json", machine("EXPRESS"));
    expect(await deploy([path])).toEqual(["replace M"]);
    const stateMachineArn = "arn:aws:states:us-east-1:123456789012:stateMachine:t-M";
    expect(await target.call("DescribeStateMachine", { stateMachineArn })).toMatchObject({ type: "EXPRESS" });
  });

  it("publishes a version at each change, and its alias follows", async () => {
    const path = (text: string): string =>
      file(
        "v/stepwell.yaml",
        `stateMachines: { Flow: { definition: flow.yaml, alias: live, substitutions: { Text: ${text} } } }`,
      );
    file("v/flow.yaml", `Comment: \${Text}\nStartAt: A\nStates: { A: { Type: Pass, End: true } }\n`);
    expect(await deploy([path("one")])).toEqual(["create Flow", "create FlowVersion", "create FlowAlias"]);
    expect(await deploy([path("two")])).toEqual(["update Flow", "update FlowVersion", "update FlowAlias"]);
    const stateMachineAliasArn = "arn:aws:states:us-east-1:123456789012:stateMachine:Flow:live";
    const alias = await target.call<{ routingConfiguration: { stateMachineVersionArn: string }[] }>(
      "DescribeStateMachineAlias",
      { stateMachineAliasArn },
    );
    expect(alias.routingConfiguration[0]?.stateMachineVersionArn).toMatch(/:2$/);
    expect(await definitionOf("Flow")).toMatchObject({ Comment: "two" });
    expect(await deploy([path("two")])).toEqual(["unchanged Flow", "unchanged FlowVersion", "unchanged FlowAlias"]);
  });
});

describe("stacks", () => {
  const user =
    "Resources: { Q: { Type: AWS::SQS::Queue, Properties: { QueueName: !Join ['', [!Select [6, !Split [':', !ImportValue the-machine]]]] } } }";

  it("take values from each other, in whatever order they are given", async () => {
    const paths = [file("user.yaml", user), file("orders.yaml", template("1"))];
    expect(await deploy(paths)).toEqual(["create F", "create M", "create Q"]);
    const record = JSON.parse(readFileSync(join(directory, "data", "deployed", "user", "stack.json"), "utf8"));
    expect(record.resources.Q.physicalId).toBe("orders-M");
    // The other one is known from before.
    expect(await deploy([paths[0] as string])).toEqual(["unchanged Q"]);
    await expect(planDestroy(["orders"], deployment())).rejects.toThrow("the stack user uses its values");
    await applyDestroy(await planDestroy(["orders", "user"], deployment()), deployment());
    expect(await machines()).toEqual([]);
    expect(existsSync(join(directory, "data", "deployed", "orders"))).toBe(false);
  });

  it("cannot depend on each other in a circle", async () => {
    const stack = (own: string, other: string): string =>
      `Resources: { Q: { Type: AWS::SQS::Queue, Properties: { QueueName: !ImportValue ${other} } } }\nOutputs: { O: { Value: !Ref Q, Export: { Name: ${own} } } }`;
    const paths = [file("a.yaml", stack("a", "b")), file("b.yaml", stack("b", "a"))];
    await expect(deploy(paths)).rejects.toThrow("in a circle: a → b → a");
  });

  it("keep what they shall retain, and buckets that are not empty", async () => {
    const path = file(
      "s.yaml",
      "Resources: { Keep: { Type: AWS::S3::Bucket, DeletionPolicy: Retain }, Go: { Type: AWS::S3::Bucket } }",
    );
    await deploy([path]);
    const bucket = join(directory, "data", "buckets", "s-go");
    writeFileSync(join(bucket, "object"), "x");
    await expect(planDestroy(["s"], deployment())).rejects.toThrow("s-go is not empty");
    rmSync(join(bucket, "object"));
    await applyDestroy(await planDestroy(["s"], deployment()), deployment());
    expect(existsSync(bucket)).toBe(false);
    expect(existsSync(join(directory, "data", "buckets", "s-keep"))).toBe(true);
  });
});

it("a definition by itself is a stack of one machine", async () => {
  const path = file("flow.asl.json", JSON.stringify(PASS));
  expect(await deploy([path], { machine: { name: "Flow_1", type: "EXPRESS" } })).toEqual(["create StateMachine"]);
  expect(await machines()).toEqual(["Flow_1"]);
});

it("a definition with mistakes is told with its place in both", async () => {
  const path = file("flow.asl.json", '{"StartAt": "B", "States": {"A": {"Type": "Pass", "End": true}}}');
  await expect(deploy([path])).rejects.toThrow(
    /\/Resources\/StateMachine\/Properties\/DefinitionS3Location: .*StartAt/,
  );
});

it("makes a state machine for each item of a loop", async () => {
  const loops = file(
    "loops.yaml",
    `
Transform: AWS::LanguageExtensions
Resources:
  'Fn::ForEach::Machines':
    - Name
    - [Buy, Sell]
    - 'Machine\${Name}':
        Type: AWS::StepFunctions::StateMachine
        Properties:
          StateMachineName: !Sub 'orders-\${Name}'
          RoleArn: arn:aws:iam::123456789012:role/r
          Definition: { StartAt: A, States: { A: { Type: Pass, Result: !Ref Name, End: true } } }
Outputs:
  'Fn::ForEach::Arns': [Name, [Buy, Sell], { '\${Name}Arn': { Value: !Ref { 'Fn::Sub': 'Machine\${Name}' } } }]
`,
  );
  expect(await deploy([loops])).toEqual(["create MachineBuy", "create MachineSell"]);
  expect(await machines()).toEqual(expect.arrayContaining(["orders-Buy", "orders-Sell"]));
  expect(await definitionOf("orders-Sell")).toMatchObject({ States: { A: { Result: "Sell" } } });
  expect(await deploy([loops])).toEqual(["unchanged MachineBuy", "unchanged MachineSell"]);
});

it("warns of an assembly for another account or region", async () => {
  const artifact = { type: "aws:cloudformation:stack", properties: { templateFile: "S.template.json" } };
  const assembly = (environment: string): void => {
    file("cdk.out/manifest.json", JSON.stringify({ artifacts: { S: { ...artifact, environment } } }));
  };
  file(
    "cdk.out/S.template.json",
    JSON.stringify({ Resources: { A: { Type: "AWS::StepFunctions::Activity", Properties: { Name: "a" } } } }),
  );
  const warnings = async (): Promise<readonly string[]> =>
    (await planStacks([join(directory, "cdk.out")], options(), deployment())).flatMap((plan) => plan.warnings);
  assembly("aws://unknown-account/us-east-1");
  expect(await warnings()).toEqual([]);
  assembly("aws://123456789012/eu-west-1");
  expect(await warnings()).toEqual([expect.stringContaining("123456789012/eu-west-1, here is 123456789012/us-east-1")]);
});

it("names and ARNs that the service would refuse are told before anything is made", async () => {
  const machine = "Definition: { StartAt: A, States: { A: { Type: Succeed } } }";
  const path = file(
    "names.yaml",
    `
Resources:
  Good: { Type: AWS::StepFunctions::Activity }
  Bad: { Type: AWS::StepFunctions::Activity, Properties: { Name: "a b" } }
  M: { Type: AWS::StepFunctions::StateMachine, Properties: { RoleArn: role, StateMachineName: { a: 1 }, ${machine} } }
  L: { Type: AWS::StepFunctions::StateMachineAlias, Properties: { Name: "1", RoutingConfiguration: [{ StateMachineVersionArn: "a:1", Weight: 50 }] } }
`,
  );
  const told = await deploy([path]).catch((error: Error) => error.message);
  for (const text of [
    'Bad/Properties/Name: must be a valid name, got "a b"',
    'M/Properties/RoleArn: must be the ARN of a role, got "role"',
    "M/Properties: a name must be a text",
    "L/Properties/Name: must be 1 to 80",
    "L/Properties/RoutingConfiguration: must be one or two routes",
  ])
    expect(told).toContain(text);
  expect(await target.call<{ activities: unknown[] }>("ListActivities", {})).toMatchObject({ activities: [] });
});

describe("rules and schedules", () => {
  const RULE = "arn:aws:events:us-east-1:123456789012:rule/t-R";
  const SCHEDULE = "arn:aws:scheduler:us-east-1:123456789012:schedule/default/t-S";
  const MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:t-M";
  const withRules = (rules: string): string => `
Resources:
  M:
    Type: AWS::StepFunctions::StateMachine
    Properties: { Definition: { StartAt: A, States: { A: { Type: Pass, End: true } } } }
${rules}
`;
  const BOTH = `
  R:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(5 minutes)
      Targets:
        - { Id: a, Arn: !Ref M, Input: '{"a":1}' }
        - { Id: b, Arn: "arn:aws:lambda:us-east-1:123456789012:function:f" }
  S:
    Type: AWS::Scheduler::Schedule
    Properties:
      ScheduleExpression: cron(0 8 ? * MON-FRI *)
      ScheduleExpressionTimezone: Europe/Berlin
      FlexibleTimeWindow: { Mode: "OFF" }
      Target: { Arn: !Ref M, RoleArn: "arn:aws:iam::123456789012:role/r" }
`;

  async function warnings(text: string): Promise<string> {
    const [plan] = await planStacks([file("t.yaml", text)], options(), deployment());
    return plan?.warnings.join("\n") ?? "";
  }

  it("start the state machines they name, follow changes, and go with their stack", async () => {
    const path = file("t.yaml", withRules(BOTH));
    expect(await deploy([path])).toEqual(["create M", "create R", "create S"]);
    expect(await target.triggers.find(RULE)).toMatchObject({
      scheduleExpression: "rate(5 minutes)",
      state: "ENABLED",
      targets: [{ id: "a", arn: MACHINE, input: '{"a":1}' }],
    });
    const schedule = await target.triggers.find(SCHEDULE);
    expect(new Date(schedule?.dueAt ?? 0).getUTCMinutes()).toBe(0);
    expect(schedule).toMatchObject({ scheduleExpressionTimezone: "Europe/Berlin", targets: [{ arn: MACHINE }] });
    expect(await deploy([path])).toEqual(["unchanged M", "unchanged R", "unchanged S"]);
    expect(await warnings(withRules(BOTH))).toContain(
      'R (AWS::Events::Rule): Targets/1 is not called: state machines of this service are, not "arn:aws:lambda',
    );

    file("t.yaml", withRules(BOTH.replace("rate(5 minutes)", "rate(1 day)")).replace(/ {2}S:\n(.*\n){6}/, ""));
    expect(await deploy([path])).toEqual(["unchanged M", "update R", "delete S"]);
    expect(await target.triggers.find(RULE)).toMatchObject({ scheduleExpression: "rate(1 day)" });
    expect(await target.triggers.find(SCHEDULE)).toBeUndefined();

    // By hand, or by an older service.
    await target.triggers.delete(RULE);
    expect(await deploy([path])).toEqual(["unchanged M", "create R"]);
    await applyDestroy(await planDestroy(["t"], deployment()), deployment());
    expect(await target.triggers.find(RULE)).toBeUndefined();
  });

  it("what is wrong with them is told at its place, before anything is made", async () => {
    const wrong = BOTH.replace("rate(5 minutes)", "cron(0 8 * * * *)").replace("Europe/Berlin", "Mars/Olympus");
    const planning = planStacks(
      [file("t.yaml", withRules(wrong.replace('{"a":1}', "no JSON")))],
      options(),
      deployment(),
    );
    await expect(planning).rejects.toThrow(/R\/Properties\/ScheduleExpression: must have \? as day of month/);
    await expect(planning).rejects.toThrow(/R\/Properties\/Targets\/0\/Input: must be JSON/);
    await expect(planning).rejects.toThrow(/S\/Properties\/ScheduleExpression: there is no time zone "Mars\/Olympus"/);
    expect(await machines()).toEqual([]);
  });

  it("of events, those of executions start state machines; others are said to start nothing", async () => {
    const rule = (pattern: string, bus = ""): string =>
      withRules(`
  R:
    Type: AWS::Events::Rule
    Properties: { EventPattern: ${pattern}, ${bus} Targets: [{ Id: a, Arn: !Ref M }] }
`);
    await deploy([
      file("t.yaml", rule("{ source: [aws.states], detail: { status: [FAILED], name: [{ prefix: x }] } }")),
    ]);
    expect(await target.triggers.find(RULE)).toMatchObject({ eventPattern: { source: ["aws.states"] } });
    expect(await warnings(rule("{ source: [aws.s3] }"))).toContain(
      "starts nothing here: of events, only those of exec",
    );
    expect(await warnings(rule("{ source: [aws.states] }", "EventBusName: mine,"))).toContain("event bus mine");
    expect(await warnings(rule("{ source: [aws.states] }"))).toContain("may go round for ever");
    // It is only a name now: what it was goes.
    expect(await deploy([file("t.yaml", rule("{ source: [aws.s3] }"))])).toEqual(["unchanged M", "update R"]);
    expect(await target.triggers.find(RULE)).toBeUndefined();
  });

  it("SAM's events of a state machine are rules and schedules", async () => {
    const sam = `
Transform: AWS::Serverless-2016-10-31
Resources:
  M:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: { StartAt: A, States: { A: { Type: Pass, End: true } } }
      Events:
        Nightly: { Type: Schedule, Properties: { Schedule: cron(0 2 * * ? *), Enabled: false, Input: '{"x":1}' } }
        Often: { Type: ScheduleV2, Properties: { ScheduleExpression: rate(1 hour), ScheduleExpressionTimezone: Asia/Tokyo } }
        Failed: { Type: EventBridgeRule, Properties: { InputPath: $.detail, Pattern: { source: [aws.states], detail: { status: [FAILED], stateMachineArn: [other] } } } }
`;
    await deploy([file("t.yaml", sam)]);
    expect(await target.triggers.find(RULE.replace("t-R", "t-MNightly"))).toMatchObject({
      state: "DISABLED",
      targets: [{ arn: MACHINE, input: '{"x":1}' }],
    });
    expect(await target.triggers.find(SCHEDULE.replace("t-S", "t-MOften"))).toMatchObject({
      scheduleExpressionTimezone: "Asia/Tokyo",
      targets: [{ arn: MACHINE }],
    });
    expect(await target.triggers.find(RULE.replace("t-R", "t-MFailed"))).toMatchObject({
      targets: [{ arn: MACHINE, inputPath: "$.detail" }],
    });
  });
});

it("dynamic references are values of parameters that stacks made; others are told with their place", async () => {
  const value = (name: string): string => `
  M:
    Type: AWS::StepFunctions::StateMachine
    Properties: { Definition: { StartAt: A, States: { A: { Type: Pass, Comment: "it is {{resolve:${name}}}", End: true } } } }
`;
  const parameter = "Resources:\n  P: { Type: AWS::SSM::Parameter, Properties: { Name: /my/value, Value: seven } }\n";
  await deploy([file("a.yaml", parameter)]);
  await deploy([file("b.yaml", `Resources:${value("ssm:/my/value:1")}`)]);
  expect(await definitionOf("b-M")).toMatchObject({ States: { A: { Comment: "it is seven" } } });
  for (const [name, why] of [
    ["ssm:/other", "no stack that is deployed here makes it, and no endpoint is named"],
    ["secretsmanager:s:SecretString:k", "no endpoint is named (endpoints: secretsmanager"],
    ["vault:x", "must be of ssm"],
  ] as const) {
    const planning = planStacks([file("c.yaml", `Resources:${value(name)}`)], options(), deployment());
    await expect(planning).rejects.toThrow(`M/Properties/Definition/States/A/Comment: {{resolve:${name}}}: ${why}`);
  }
});

it("a serverless state machine may have its alias started by its events", async () => {
  const sam = (more: string): string => `
Transform: AWS::Serverless-2016-10-31
Resources:
  M:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: { StartAt: A, States: { A: { Type: Pass, End: true } } }
      UseAliasAsEventTarget: true
      DeploymentPreference: { Type: ALL_AT_ONCE }
      ${more}
      Events: { Hourly: { Type: Schedule, Properties: { Schedule: rate(1 hour) } } }
`;
  await deploy([file("t.yaml", sam("AutoPublishAlias: live"))]);
  expect(await target.triggers.find("arn:aws:events:us-east-1:123456789012:rule/t-MHourly")).toMatchObject({
    targets: [{ arn: "arn:aws:states:us-east-1:123456789012:stateMachine:t-M:live" }],
  });
  await expect(deploy([file("u.yaml", sam("Tags: {}"))])).rejects.toThrow(
    "M/Properties/UseAliasAsEventTarget: requires AutoPublishAlias",
  );
});
