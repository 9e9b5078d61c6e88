// What a Distributed Map needs: its children, its data set and its results.
import { type LintState, objectOf, textOf } from "../lint/lint-model.ts";
import { type Grant, grant, Parameters, type PolicyPlace } from "./grant.ts";

export function distributedGrants(map: LintState, place: PolicyPlace, note: (message: string) => void): Grant[] {
  const { partition, region, accountId, name } = place;
  const of = (kind: string): string => `arn:${partition}:states:${region}:${accountId}:${kind}`;
  const label = textOf(map.fields["Label"]) ?? "*";
  return [
    grant("states:StartExecution", of(`stateMachine:${name}`)),
    grant(["states:DescribeExecution", "states:StopExecution"], of(`execution:${name}:*`)),
    grant("states:RedriveExecution", of(`execution:${name}/${label}:*`)),
    ...readerGrants(map, place, note),
    ...writerGrants(map, place, note),
  ];
}

function parametersOf(map: LintState, field: string, place: PolicyPlace, note: (message: string) => void): Parameters {
  const holder = objectOf(map.fields[field]);
  const given = objectOf(holder[map.queryLanguage === "JSONata" ? "Arguments" : "Parameters"]);
  return new Parameters(given, place, (message) => note(`${field}: ${message}`));
}

function readerGrants(map: LintState, place: PolicyPlace, note: (message: string) => void): Grant[] {
  const reader = objectOf(map.fields["ItemReader"]);
  const resource = textOf(reader["Resource"]);
  if (resource === undefined) return [];
  const config = objectOf(reader["ReaderConfig"]);
  const given = parametersOf(map, "ItemReader", place, note);
  const bucket = `arn:${place.partition}:s3:::${given.text("Bucket") || "*"}`;
  if (resource.endsWith(":s3:listObjectsV2"))
    return listingGrants(given, bucket, config["Transformation"] === "LOAD_AND_FLATTEN");
  const object = grant("s3:GetObject", `${bucket}/${given.text("Key") || "*"}`);
  if (config["InputType"] !== "MANIFEST") return [object];
  note(
    "ItemReader: the manifest names the data files, which may be in another bucket: their bucket and prefix are not in the definition",
  );
  const data = config["ManifestType"] === "ATHENA_DATA" ? `${bucket}/*` : `${bucket}/${folderOf(given.text("Key"))}*`;
  return [object, grant("s3:GetObject", data)];
}

/** Of a manifest at `a/b/manifest.json` the data lie beside it, below `a/`. */
function folderOf(key: string | undefined): string {
  if (key === undefined || key === "") return "";
  return key
    .split("/")
    .slice(0, -2)
    .map((part) => `${part}/`)
    .join("");
}

function listingGrants(given: Parameters, bucket: string, loads: boolean): Grant[] {
  const prefix = given.text("Prefix");
  const condition =
    prefix === undefined || prefix === "" ? {} : { condition: { StringLike: { "s3:prefix": [`${prefix}*`] } } };
  const listing = { ...grant("s3:ListBucket", bucket), ...condition };
  return loads ? [listing, grant("s3:GetObject", `${bucket}/${prefix || ""}*`)] : [listing];
}

function writerGrants(map: LintState, place: PolicyPlace, note: (message: string) => void): Grant[] {
  const writer = objectOf(map.fields["ResultWriter"]);
  if (writer["Resource"] === undefined) return [];
  const given = parametersOf(map, "ResultWriter", place, note);
  const prefix = given.text("Prefix");
  const bucket = `arn:${place.partition}:s3:::${given.text("Bucket") || "*"}`;
  const folder = prefix === undefined || prefix === "" ? "" : `${prefix.replace(/\/$/, "")}/`;
  return [
    grant(
      ["s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"],
      `${bucket}/${folder}*`,
    ),
  ];
}
