/** The fields of a Distributed Map. ASL spec, "Map State"; features.md A.11 to A.14. */
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../json.ts";
import { compileJsonata, isJsonataText } from "./compile-expression.ts";
import { numberOrExpression, numberPath, objectTemplate, template } from "./expression-fields.ts";
import {
  type Field,
  type FieldGroup,
  type FieldSite,
  type Fields,
  type FieldTable,
  type FieldValues,
  readObject,
} from "./field.ts";
import { listOf, mistyped, oneOf, only, required, text } from "./field-kinds.ts";
import { checkObjectParameters, checkReader } from "./reader-rules.ts";
import type { DistributedMapConfig, Expression, ItemReaderConfig, StateMachineType } from "./state-machine.ts";
import { notRecognised } from "./task-fields.ts";

type ItemBatcher = NonNullable<DistributedMapConfig["itemBatcher"]>;
type ResultWriter = NonNullable<DistributedMapConfig["resultWriter"]>;

export const DISTRIBUTED_FIELDS: Fields<{
  Label: string;
  ItemReader: ItemReaderConfig;
  ItemBatcher: ItemBatcher;
  ResultWriter: ResultWriter;
  ToleratedFailureCount: Expression<number>;
  ToleratedFailureCountPath: Expression<number>;
  ToleratedFailurePercentage: Expression<number>;
  ToleratedFailurePercentagePath: Expression<number>;
}> = {
  Label: label(),
  ItemReader: itemReader(),
  ItemBatcher: itemBatcher(),
  ResultWriter: resultWriter(),
  ToleratedFailureCount: numberOrExpression("Integer", { min: 0 }),
  ToleratedFailureCountPath: only("JSONPath", numberPath("integer", { min: 0 })),
  ToleratedFailurePercentage: numberOrExpression("Number", { min: 0, max: 100 }),
  ToleratedFailurePercentagePath: only("JSONPath", numberPath("float", { min: 0, max: 100 })),
};

export function distributedConfig(
  fields: FieldValues<typeof DISTRIBUTED_FIELDS>,
  executionType: StateMachineType,
): DistributedMapConfig {
  const toleratedFailureCount = fields.ToleratedFailureCount ?? fields.ToleratedFailureCountPath;
  const toleratedFailurePercentage = fields.ToleratedFailurePercentage ?? fields.ToleratedFailurePercentagePath;
  return {
    executionType,
    ...(fields.Label !== undefined && { label: fields.Label }),
    ...(fields.ItemReader !== undefined && { itemReader: fields.ItemReader }),
    ...(fields.ItemBatcher !== undefined && { itemBatcher: fields.ItemBatcher }),
    ...(fields.ResultWriter !== undefined && { resultWriter: fields.ResultWriter }),
    ...(toleratedFailureCount !== undefined && { toleratedFailureCount }),
    ...(toleratedFailurePercentage !== undefined && { toleratedFailurePercentage }),
  };
}

/**
 * `Items`: an array (for a Distributed Map also an object), perhaps with expressions in it, or one expression. What it
 * evaluates to is the Map's business.
 */
export function items(): Field<Expression> {
  return {
    compile(value, site) {
      const possible =
        isJsonArray(value) || isJsonataText(value) || (isJsonObject(value) && isDistributed(site.holder));
      return possible ? compileJsonata(value, site) : mistyped("Array", site);
    },
  };
}

function isDistributed(map: JsonObject): boolean {
  const processor = map["ItemProcessor"];
  const config = isJsonObject(processor) ? processor["ProcessorConfig"] : undefined;
  return isJsonObject(config) && config["Mode"] === "DISTRIBUTED";
}

const LABEL_MAX = 40;
/** The characters no name may have (features.md C.5), blanks and control characters included. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const FORBIDDEN_IN_LABEL = /[\s<>{}[\]?*"#%\\^|~$&,;:/`\u0000-\u001f\u007f-\u009f]/;

function label(): Field<string> {
  const name = text();
  return {
    compile(value, site) {
      const written = name.compile(value, site);
      if (written === undefined) return undefined;
      const problem = labelProblem(written);
      if (problem !== undefined) site.context.findings.error("INVALID_LABEL_NAME", problem, site.path);
      else site.context.addLabel(written, site.path);
      return written;
    },
  };
}

function labelProblem(written: string): string | undefined {
  if (written === "") return "Label cannot be empty";
  if (written.length > LABEL_MAX) return `Label '${written}' exceeds the ${LABEL_MAX}-character limit`;
  const forbidden = FORBIDDEN_IN_LABEL.exec(written);
  return forbidden === null ? undefined : `Label '${written}' contains an invalid character: '${forbidden[0]}'`;
}

/** An S3 action in the `Resource` of a reader or writer; anything else only where resources need not be AWS's. */
function s3Resource(actions: readonly string[]): Field<string> {
  const arn = text();
  const form = new RegExp(`^arn:aws[a-z-]*:states:[^:]*:[^:]*:s3:(?:${actions.join("|")})$`);
  return {
    compile(value, site) {
      const written = arn.compile(value, site);
      if (written === undefined || form.test(written) || site.context.lenientResources) return written;
      return notRecognised(written, site);
    },
  };
}

const ITEMS_MAX = 100_000_000;

const READER_CONFIG_FIELDS = {
  InputType: oneOf(["CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"]),
  Transformation: oneOf(["NONE", "LOAD_AND_FLATTEN"]),
  ManifestType: oneOf(["ATHENA_DATA", "S3_INVENTORY"]),
  ItemsPointer: text(),
  CSVHeaderLocation: oneOf(["FIRST_ROW", "GIVEN"]),
  CSVHeaders: listOf(text()),
  CSVDelimiter: oneOf(["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"]),
  // 0 reads all items (recorded).
  MaxItems: numberOrExpression("Integer", { min: 0, max: ITEMS_MAX }),
  // At run time a bad value is the reader's failure: "field MaxItems must be positive" (fact 19).
  MaxItemsPath: only("JSONPath", numberPath("integer", { min: 0 }, "States.ItemReaderFailed")),
} satisfies FieldTable;

const READER_CONFIG_GROUPS: readonly FieldGroup[] = [{ fields: ["MaxItems", "MaxItemsPath"] }];

const READER_FIELDS = {
  Resource: required(s3Resource(["getObject", "listObjectsV2"])),
  Parameters: only("JSONPath", objectTemplate()),
  Arguments: only("JSONata", objectTemplate()),
  ReaderConfig: readerConfig(),
} satisfies FieldTable;

function readerConfig(): Field<FieldValues<typeof READER_CONFIG_FIELDS>> {
  return { compile: (value, site) => readObject(READER_CONFIG_FIELDS, READER_CONFIG_GROUPS, value, site) };
}

function itemReader(): Field<ItemReaderConfig> {
  return {
    compile(value, site) {
      const fields = readObject(READER_FIELDS, [], value, site);
      if (fields?.Resource === undefined) return undefined;
      checkReader(fields.Resource, value as JsonObject, site);
      const config = fields.ReaderConfig ?? {};
      const parameters = fields.Parameters ?? fields.Arguments;
      const maxItems = config.MaxItems ?? config.MaxItemsPath;
      return {
        resource: fields.Resource,
        ...(parameters !== undefined && { parameters }),
        ...(config.InputType !== undefined && { inputType: config.InputType }),
        ...(config.Transformation !== undefined && { transformation: config.Transformation }),
        ...(config.ManifestType !== undefined && { manifestType: config.ManifestType }),
        ...(config.ItemsPointer !== undefined && { itemsPointer: config.ItemsPointer }),
        ...(config.CSVHeaderLocation !== undefined && { csvHeaderLocation: config.CSVHeaderLocation }),
        ...(config.CSVHeaders !== undefined && { csvHeaders: config.CSVHeaders }),
        ...(config.CSVDelimiter !== undefined && { csvDelimiter: config.CSVDelimiter }),
        ...(maxItems !== undefined && { maxItems }),
      };
    },
  };
}

const BATCH_BYTES_MAX = 262_144;

const BATCHER_FIELDS = {
  MaxItemsPerBatch: numberOrExpression("Integer", { min: 1 }),
  MaxItemsPerBatchPath: only("JSONPath", numberPath("integer", { min: 1 })),
  MaxInputBytesPerBatch: numberOrExpression("Integer", { min: 1, max: BATCH_BYTES_MAX }),
  MaxInputBytesPerBatchPath: only("JSONPath", numberPath("integer", { min: 1, max: BATCH_BYTES_MAX })),
  BatchInput: template(),
} satisfies FieldTable;

const BATCHER_GROUPS: readonly FieldGroup[] = [
  { fields: ["MaxItemsPerBatch", "MaxItemsPerBatchPath"] },
  { fields: ["MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"] },
];

function itemBatcher(): Field<ItemBatcher> {
  return {
    compile(value, site) {
      const fields = readObject(BATCHER_FIELDS, BATCHER_GROUPS, value, site);
      if (fields === undefined) return undefined;
      if (!BATCHER_GROUPS.some((group) => group.fields.some((name) => Object.hasOwn(value as JsonObject, name)))) {
        return noneOf(["MaxItemsPerBatch", "MaxInputBytesPerBatch"], site);
      }
      const maxItemsPerBatch = fields.MaxItemsPerBatch ?? fields.MaxItemsPerBatchPath;
      const maxInputBytesPerBatch = fields.MaxInputBytesPerBatch ?? fields.MaxInputBytesPerBatchPath;
      return {
        ...(maxItemsPerBatch !== undefined && { maxItemsPerBatch }),
        ...(maxInputBytesPerBatch !== undefined && { maxInputBytesPerBatch }),
        ...(fields.BatchInput !== undefined && { batchInput: fields.BatchInput }),
      };
    },
  };
}

const WRITER_CONFIG_FIELDS = {
  OutputType: oneOf(["JSON", "JSONL"]),
  Transformation: oneOf(["NONE", "COMPACT", "FLATTEN"]),
} satisfies FieldTable;

const WRITER_FIELDS = {
  Resource: s3Resource(["putObject"]),
  Parameters: only("JSONPath", objectTemplate()),
  Arguments: only("JSONata", objectTemplate()),
  WriterConfig: writerConfig(),
} satisfies FieldTable;

function writerConfig(): Field<FieldValues<typeof WRITER_CONFIG_FIELDS>> {
  return {
    compile(value, site) {
      const fields = readObject(WRITER_CONFIG_FIELDS, [], value, site);
      if (fields !== undefined && isEmptyObject(value)) return noneOf(["OutputType", "Transformation"], site);
      return fields;
    },
  };
}

function resultWriter(): Field<ResultWriter> {
  return {
    compile(value, site) {
      const fields = readObject(WRITER_FIELDS, [], value, site);
      if (fields === undefined) return undefined;
      if (isEmptyObject(value)) return noneOf(["Resource", "WriterConfig"], site);
      if (fields.Resource !== undefined) checkObjectParameters(value as JsonObject, ["Bucket"], site);
      const parameters = fields.Parameters ?? fields.Arguments;
      const config = fields.WriterConfig ?? {};
      return {
        ...(fields.Resource !== undefined && { resource: fields.Resource }),
        ...(parameters !== undefined && { parameters }),
        outputType: config.OutputType ?? "JSON",
        // Exported results carry their metadata unless told otherwise; results that stay are the outputs alone.
        transformation: config.Transformation ?? (fields.Resource === undefined ? "COMPACT" : "NONE"),
      };
    },
  };
}

function isEmptyObject(value: Json): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

function noneOf(possible: readonly string[], site: FieldSite): undefined {
  site.context.findings.schemaError(`There should be one of the following fields: [${possible.join(", ")}]`, site.path);
  return undefined;
}
