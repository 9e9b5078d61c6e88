import type { JsonObject } from "@stepwell/core";
import { describe, expect, it } from "vitest";
import { Problems } from "../problem.ts";
import { parseTemplate } from "../template/template-document.ts";
import { withoutServerless } from "./serverless.ts";

function transformed(yaml: string): { readonly resources: JsonObject; readonly problems: readonly string[] } {
  const problems = new Problems();
  const { value } = withoutServerless(parseTemplate("template.yaml", yaml), problems);
  const resources = (value as { readonly Resources: JsonObject }).Resources;
  return { resources, problems: problems.list.map(({ place, pointer, message }) => `${place} ${pointer} ${message}`) };
}

describe("the Serverless transform", () => {
  it("makes a function of Globals and what the function says itself", () => {
    const { resources, problems } = transformed(`
Globals: { Function: { Runtime: nodejs22.x, Timeout: 5, Environment: { Variables: { A: a, B: b } } } }
Resources:
  F:
    Type: AWS::Serverless::Function
    Condition: C
    Properties: { CodeUri: src/, Handler: app.handler, Timeout: 9, Environment: { Variables: { B: c } }, Policies: [x] }
`);
    expect(problems).toEqual([]);
    expect(resources["F"]).toEqual({
      Type: "AWS::Lambda::Function",
      Condition: "C",
      Properties: {
        Runtime: "nodejs22.x",
        Handler: "app.handler",
        Timeout: 9,
        Environment: { Variables: { A: "a", B: "c" } },
        Code: "src/",
        Role: { "Fn::GetAtt": ["FRole", "Arn"] },
      },
    });
    expect(resources["FRole"]).toEqual({ Type: "AWS::IAM::Role", Properties: {} });
  });

  it("takes code from inline text and from objects of S3", () => {
    const { resources } = transformed(`
Resources:
  I: { Type: AWS::Serverless::Function, Properties: { InlineCode: "x", Role: r } }
  S: { Type: AWS::Serverless::Function, Properties: { CodeUri: { Bucket: b, Key: k.zip }, Role: r } }
`);
    expect(resources["I"]).toMatchObject({ Properties: { Code: { ZipFile: "x" }, Role: "r" } });
    expect(resources["S"]).toMatchObject({ Properties: { Code: { S3Bucket: "b", S3Key: "k.zip" } } });
  });

  it("gives what AutoPublishAlias publishes the names it is referred to by", () => {
    const { resources } = transformed(`
Resources:
  F: { Type: AWS::Serverless::Function, Properties: { CodeUri: ., Role: r, AutoPublishAlias: live } }
  Q: { Type: AWS::SQS::Queue, Properties: { A: !Ref F.Alias, V: !Ref F.Version } }
`);
    const version = Object.keys(resources).find((id) => id.startsWith("FVersion"));
    expect(resources["Q"]).toMatchObject({ Properties: { A: { Ref: "FAliaslive" }, V: { Ref: version } } });
    expect(resources["FAliaslive"]).toMatchObject({ Type: "AWS::Lambda::Alias", Properties: { Name: "live" } });
  });

  it("makes a state machine with its version, alias and schedules", () => {
    const { resources, problems } = transformed(`
Resources:
  M:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: flow.asl.json
      DefinitionSubstitutions: { A: !Ref Q }
      Name: flow
      Type: EXPRESS
      Policies: [{ LambdaInvokePolicy: { FunctionName: x } }]
      Tracing: { Enabled: true }
      AutoPublishAlias: live
      Events: { Daily: { Type: Schedule, Properties: { Schedule: rate(1 day) } } }
`);
    expect(problems).toEqual([]);
    expect(resources["M"]).toMatchObject({
      Type: "AWS::StepFunctions::StateMachine",
      Properties: {
        DefinitionS3Location: "flow.asl.json",
        DefinitionSubstitutions: { A: { Ref: "Q" } },
        StateMachineName: "flow",
        StateMachineType: "EXPRESS",
        TracingConfiguration: { Enabled: true },
      },
    });
    expect(resources["MVersion"]).toMatchObject({ Type: "AWS::StepFunctions::StateMachineVersion" });
    expect(resources["MAliaslive"]).toMatchObject({ Properties: { Name: "live" } });
    expect(resources["MDaily"]).toMatchObject({ Type: "AWS::Events::Rule" });
  });

  it("makes a table with one key", () => {
    const { resources } = transformed(`
Resources: { T: { Type: AWS::Serverless::SimpleTable, Properties: { PrimaryKey: { Name: n, Type: Number } } } }
`);
    expect(resources["T"]).toMatchObject({
      Type: "AWS::DynamoDB::Table",
      Properties: {
        AttributeDefinitions: [{ AttributeName: "n", AttributeType: "N" }],
        KeySchema: [{ AttributeName: "n", KeyType: "HASH" }],
      },
    });
  });

  it("APIs are names: the one of the template, and the one SAM makes for events that name none", () => {
    const { problems, resources } = transformed(`
Resources:
  Own: { Type: AWS::Serverless::HttpApi, Properties: { StageName: x } }
  F:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: x
      Events:
        A: { Type: Api, Properties: { Path: /a, Method: get } }
        B: { Type: HttpApi, Properties: { ApiId: !Ref Own } }
        C: { Type: S3, Properties: { Bucket: !Ref Own, Events: s3:ObjectCreated:* } }
`);
    expect(problems).toEqual([]);
    expect(resources["Own"]).toMatchObject({ Type: "AWS::ApiGatewayV2::Api" });
    expect(resources["ServerlessRestApi"]).toMatchObject({ Type: "AWS::ApiGateway::RestApi" });
    expect(resources["ServerlessRestApiProdStage"]).toMatchObject({ Type: "AWS::ApiGateway::Stage" });
    expect(resources["FC"]).toMatchObject({ Type: "AWS::Lambda::EventSourceMapping" });
    expect(resources).not.toHaveProperty("ServerlessHttpApi");
  });

  it("names what it does not know, where it stands, and leaves other types to be refused", () => {
    const { problems, resources } = transformed(`
Resources:
  A: { Type: AWS::Serverless::Application }
  M:
    Type: AWS::Serverless::StateMachine
    Properties: { DefinitionUri: x, Colour: red, Events: { E: { Type: Nothing } } }
`);
    expect(resources["A"]).toEqual({ Type: "AWS::Serverless::Application" });
    expect(problems).toEqual([
      "template.yaml:6:37 /Resources/M/Properties/Colour the property Colour is not supported",
      'template.yaml:6:60 /Resources/M/Properties/Events/E the event "Nothing" of a state machine is not supported',
    ]);
  });
});
