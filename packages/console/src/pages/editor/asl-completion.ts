/** What may stand where the cursor is in a definition: fields, state names, types, error names, functions. Pure. */

export interface AslOption {
  readonly label: string;
  readonly kind: "field" | "state" | "value" | "function" | "variable";
  readonly detail?: string;
}

export interface AslCompletion {
  /** Where what is being typed begins. */
  readonly from: number;
  readonly options: readonly AslOption[];
}

const STATE_TYPES = ["Task", "Pass", "Choice", "Wait", "Parallel", "Map", "Succeed", "Fail"];
const ERRORS = [
  "States.ALL",
  "States.TaskFailed",
  "States.Timeout",
  "States.HeartbeatTimeout",
  "States.Permissions",
  "States.Runtime",
  "States.DataLimitExceeded",
  "States.ExceedToleratedFailureThreshold",
  "States.ItemReaderFailed",
  "States.ResultWriterFailed",
  "States.BranchFailed",
  "States.NoChoiceMatched",
  "States.ParameterPathFailure",
  "States.ResultPathMatchFailure",
  "States.IntrinsicFailure",
  "States.QueryEvaluationError",
];
const RESOURCES = [
  "arn:aws:states:::lambda:invoke",
  "arn:aws:states:::lambda:invoke.waitForTaskToken",
  "arn:aws:states:::http:invoke",
  "arn:aws:states:::states:startExecution",
  "arn:aws:states:::states:startExecution.sync:2",
  "arn:aws:states:::sqs:sendMessage",
  "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
  "arn:aws:states:::sns:publish",
  "arn:aws:states:::dynamodb:getItem",
  "arn:aws:states:::dynamodb:putItem",
  "arn:aws:states:::dynamodb:updateItem",
  "arn:aws:states:::dynamodb:deleteItem",
  "arn:aws:states:::events:putEvents",
  "arn:aws:states:::s3:getObject",
  "arn:aws:states:::s3:listObjectsV2",
  "arn:aws:states:::aws-sdk:s3:getObject",
  "arn:aws:states:::aws-sdk:s3:putObject",
];
const INTRINSICS: readonly (readonly [name: string, detail: string])[] = [
  ["States.Format", "('text {}', value…)"],
  ["States.StringToJson", "(text)"],
  ["States.JsonToString", "(value)"],
  ["States.Array", "(value…)"],
  ["States.ArrayPartition", "(array, size)"],
  ["States.ArrayContains", "(array, value)"],
  ["States.ArrayRange", "(first, last, step)"],
  ["States.ArrayGetItem", "(array, index)"],
  ["States.ArrayLength", "(array)"],
  ["States.ArrayUnique", "(array)"],
  ["States.Base64Encode", "(text)"],
  ["States.Base64Decode", "(text)"],
  ["States.Hash", "(value, algorithm)"],
  ["States.JsonMerge", "(a, b, false)"],
  ["States.MathRandom", "(first, last, seed)"],
  ["States.MathAdd", "(a, b)"],
  ["States.StringSplit", "(text, delimiter)"],
  ["States.UUID", "()"],
];
const CONTEXT = [
  "$$.Execution.Id",
  "$$.Execution.Input",
  "$$.Execution.Name",
  "$$.Execution.StartTime",
  "$$.State.Name",
  "$$.State.EnteredTime",
  "$$.State.RetryCount",
  "$$.StateMachine.Id",
  "$$.Task.Token",
  "$$.Map.Item.Index",
  "$$.Map.Item.Value",
];
const JSONATA = [
  "$states.input",
  "$states.result",
  "$states.errorOutput",
  "$states.context",
  "$states.context.Task.Token",
];

const COMMON = ["Type", "Comment", "QueryLanguage", "InputPath", "OutputPath", "Output", "Assign"];
const FLOW = ["Next", "End"];
const HANDLING = ["Retry", "Catch"];
const RESULTS = ["ResultSelector", "ResultPath"];
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Task: [
    ...["Resource", "Parameters", "Arguments", "TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds"],
    ...["HeartbeatSecondsPath", "Credentials", ...RESULTS, ...HANDLING, ...FLOW],
  ],
  Pass: ["Result", "Parameters", "ResultPath", ...FLOW],
  Choice: ["Choices", "Default"],
  Wait: ["Seconds", "SecondsPath", "Timestamp", "TimestampPath", ...FLOW],
  Parallel: ["Branches", "Parameters", "Arguments", ...RESULTS, ...HANDLING, ...FLOW],
  Map: [
    ...["ItemProcessor", "ItemsPath", "Items", "ItemSelector", "ItemReader", "ItemBatcher", "ResultWriter", "Label"],
    ...["MaxConcurrency", "MaxConcurrencyPath", "ToleratedFailureCount", "ToleratedFailureCountPath"],
    ...["ToleratedFailurePercentage", "ToleratedFailurePercentagePath", ...RESULTS, ...HANDLING, ...FLOW],
  ],
  Succeed: [],
  Fail: ["Error", "ErrorPath", "Cause", "CausePath"],
};
const MACHINE_FIELDS = ["Comment", "StartAt", "States", "QueryLanguage", "TimeoutSeconds", "Version"];
const INNER_FIELDS: Readonly<Record<string, readonly string[]>> = {
  Retry: ["ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy"],
  Catch: ["ErrorEquals", "Next", "ResultPath", "Assign", "Output", "Comment"],
  Choices: [
    ...[
      "Variable",
      "Next",
      "And",
      "Or",
      "Not",
      "Condition",
      "Assign",
      "Output",
      "BooleanEquals",
      "IsNull",
      "IsPresent",
    ],
    ...["IsString", "IsNumeric", "IsBoolean", "IsTimestamp", "StringEquals", "StringEqualsPath", "StringLessThan"],
    ...["StringGreaterThan", "StringMatches", "NumericEquals", "NumericEqualsPath", "NumericLessThan"],
    ...["NumericGreaterThan", "NumericLessThanEquals", "NumericGreaterThanEquals", "TimestampEquals"],
    ...["TimestampLessThan", "TimestampGreaterThan"],
  ],
  ItemProcessor: ["ProcessorConfig", "StartAt", "States"],
  ProcessorConfig: ["Mode", "ExecutionType"],
  Branches: ["StartAt", "States", "Comment"],
  ItemReader: ["Resource", "ReaderConfig", "Parameters", "Arguments"],
  ReaderConfig: ["InputType", "CSVHeaderLocation", "CSVHeaders", "CSVDelimiter", "MaxItems", "ItemsPointer"],
  ItemBatcher: ["MaxItemsPerBatch", "MaxInputBytesPerBatch", "BatchInput"],
  ResultWriter: ["Resource", "Parameters", "Arguments", "WriterConfig"],
};
const VALUES: Readonly<Record<string, readonly string[]>> = {
  Type: STATE_TYPES,
  QueryLanguage: ["JSONPath", "JSONata"],
  JitterStrategy: ["FULL", "NONE"],
  Mode: ["INLINE", "DISTRIBUTED"],
  ExecutionType: ["STANDARD", "EXPRESS"],
  InputType: ["CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"],
  CSVHeaderLocation: ["FIRST_ROW", "GIVEN"],
  CSVDelimiter: ["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"],
  Resource: RESOURCES,
};

/** `path`: the member names around the cursor, outermost first; `type`: of the state around it. */
export interface AslPlace {
  readonly path: readonly string[];
  readonly type: string | undefined;
  readonly isKey: boolean;
}

const options = (labels: readonly string[], kind: AslOption["kind"]): readonly AslOption[] =>
  labels.map((label) => ({ label, kind }));

/** `word`: what is typed so far, beginning at `from`; `states`: the names a transition may go to. */
export function aslCompletion(
  place: AslPlace,
  word: string,
  from: number,
  states: readonly string[],
): AslCompletion | undefined {
  const { path, type, isKey } = place;
  const name = path.at(-1);
  if (isKey) {
    const fields = INNER_FIELDS[name ?? ""] ?? (name === undefined ? MACHINE_FIELDS : fieldsOfState(path, type));
    return fields === undefined ? undefined : { from, options: options(fields, "field") };
  }
  if (name === undefined) return undefined;
  if (["Next", "Default", "StartAt"].includes(name)) return { from, options: options(states, "state") };
  if (name === "ErrorEquals") return { from, options: options(ERRORS, "value") };
  const values = VALUES[name];
  if (values !== undefined) return { from, options: options(values, "value") };
  if (word.startsWith("$$")) return { from, options: options(CONTEXT, "variable") };
  if (/\$s?t?a?t?e?s?[.\w]*$/.test(word) && word.startsWith("$")) {
    return { from, options: options([...JSONATA, ...CONTEXT], "variable") };
  }
  if (/^S/.test(word) || name.endsWith(".$")) {
    return { from, options: INTRINSICS.map(([label, detail]) => ({ label, detail, kind: "function" })) };
  }
  return undefined;
}

/** A state is what stands directly under `States`. */
function fieldsOfState(path: readonly string[], type: string | undefined): readonly string[] | undefined {
  if (path.at(-2) !== "States") return undefined;
  if (type === undefined) return [...COMMON, ...new Set(Object.values(FIELDS).flat())];
  return [...COMMON, ...(FIELDS[type] ?? [])];
}
