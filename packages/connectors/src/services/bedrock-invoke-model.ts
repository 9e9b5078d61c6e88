import { isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import { at, type CallService, type Integration, ParameterRefusal, pick } from "./integration.ts";
import { asText } from "./json-texts.ts";

const JSON_TYPE = "application/json";

/** `bedrock:invokeModel`: the body, or where in S3 it is; the answer's body, or where in S3 it was put. features.md B.3. */
export const BEDROCK_INVOKE_MODEL: Integration = {
  model: "bedrockruntime",
  operation: "invokeModel",
  errors: { prefix: "Bedrock", fallback: "BedrockRuntimeException" },
  metadata: false,
  async perform(parameters, call) {
    const { Input, Output, Body, ModelId, ...rest } = parameters;
    if (ModelId === undefined) throw new ParameterRefusal(["The field 'ModelId' is required but was missing"]);
    if ((Body === undefined) === (Input === undefined)) {
      throw new ParameterRefusal(["Exactly one of the fields 'Body' and 'Input' must be there"]);
    }
    const body = Body === undefined ? await readS3(call, uriOf(Input)) : asText(Body);
    const answer = await call("invokeModel", {
      ContentType: JSON_TYPE,
      Accept: JSON_TYPE,
      ...rest,
      ModelId,
      Body: body,
    });
    const result = { Body: bodyOf(answer), ...pick(answer, "ContentType") };
    if (Output === undefined) return result;
    const uri = uriOf(Output);
    await call(
      "putObject",
      { ...uri, Body: asText(answer["Body"] ?? ""), ContentType: answer["ContentType"] ?? JSON_TYPE },
      "s3",
    );
    return { ...pick(result, "ContentType"), Body: `s3://${uri.Bucket}/${uri.Key}` };
  },
};

interface S3Uri extends JsonObject {
  readonly Bucket: string;
  readonly Key: string;
}

function uriOf(member: Json | undefined): S3Uri {
  const uri = isJsonObject(member) ? at(member, "S3Uri") : undefined;
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(String(uri)) ?? [];
  if (Bucket === undefined || Key === undefined) {
    throw new ParameterRefusal(["The value of the field 'S3Uri' has an invalid format"]);
  }
  return { Bucket, Key };
}

async function readS3(call: CallService, uri: S3Uri): Promise<string> {
  return asText((await call("getObject", uri, "s3"))["Body"] ?? "");
}

/** Models answer JSON; what else they answer is a text. */
function bodyOf(answer: JsonObject): Json {
  const text = asText(answer["Body"] ?? "");
  if (!/json/.test(String(answer["ContentType"]))) return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
