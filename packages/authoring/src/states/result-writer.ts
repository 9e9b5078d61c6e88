import { type Fields, renderFields, withoutReferences } from "../fields/field-utils.ts";
import type { IBucket } from "../resources/s3.ts";
import { both } from "./map-base.ts";
import { QueryLanguage } from "./query-language.ts";

export const Transformation = { NONE: "NONE", COMPACT: "COMPACT", FLATTEN: "FLATTEN" } as const;
export type Transformation = (typeof Transformation)[keyof typeof Transformation];

export const OutputType = { JSON: "JSON", JSONL: "JSONL" } as const;
export type OutputType = (typeof OutputType)[keyof typeof OutputType];

export interface WriterConfigProps {
  readonly transformation: Transformation;
  readonly outputType: OutputType;
}

/** The form of a distributed Map's results. */
export class WriterConfig implements WriterConfigProps {
  readonly transformation: Transformation;
  readonly outputType: OutputType;

  constructor(props: WriterConfigProps) {
    this.transformation = props.transformation;
    this.outputType = props.outputType;
  }
}

export interface ResultWriterV2Props {
  readonly bucket?: IBucket;
  /** A reference, or a JSONata expression. */
  readonly bucketNamePath?: string;
  readonly prefix?: string;
  readonly writerConfig?: WriterConfigProps;
}
export interface ResultWriterProps {
  readonly bucket: IBucket;
  readonly prefix?: string;
}

/** Where a distributed Map's results go, and in what form. */
export class ResultWriterV2 {
  readonly #props: ResultWriterV2Props;

  constructor(props: ResultWriterV2Props) {
    this.#props = props;
  }

  render(queryLanguage?: QueryLanguage): Fields {
    const { bucket, bucketNamePath, prefix, writerConfig } = this.#props;
    const jsonata = queryLanguage === QueryLanguage.JSONATA;
    const hasBucket = bucket !== undefined || bucketNamePath !== undefined;
    const place = { Bucket: bucket?.bucketName ?? bucketNamePath, Prefix: prefix || undefined };
    const writer = {
      ...(hasBucket
        ? {
            Resource: "arn:aws:states:::s3:putObject",
            [jsonata ? "Arguments" : "Parameters"]: jsonata ? withoutReferences(place) : place,
          }
        : undefined),
      WriterConfig:
        writerConfig === undefined
          ? undefined
          : { OutputType: writerConfig.outputType, Transformation: writerConfig.transformation },
    };
    return jsonata ? writer : (renderFields(writer) as Fields);
  }

  validateResultWriter(): readonly string[] {
    return both("bucket", this.#props.bucket, "bucketNamePath", this.#props.bucketNamePath);
  }
}

/** The first form of a result writer: a bucket only. */
export class ResultWriter extends ResultWriterV2 {
  // The parameter only narrows what may be given: a bucket is required here.
  constructor(props: ResultWriterProps) {
    super(props);
  }
}
