import { type Fields, renderFields, withoutReferences } from "../fields/field-utils.ts";
import type { IBucket } from "../resources/s3.ts";
import { both } from "./map-base.ts";
import { QueryLanguage } from "./query-language.ts";

/** Where a distributed Map's items come from. */
export interface IItemReader {
  render(queryLanguage?: QueryLanguage): Fields;
  validateItemReader(): readonly string[];
}

export interface ItemReaderProps {
  readonly bucket?: IBucket;
  /** A reference, or a JSONata expression. */
  readonly bucketNamePath?: string;
  readonly maxItems?: number;
}
export interface S3ObjectsItemReaderProps extends ItemReaderProps {
  readonly prefix?: string;
}
export interface S3FileItemReaderProps extends ItemReaderProps {
  readonly key: string;
}
export interface S3CsvItemReaderProps extends S3FileItemReaderProps {
  /** The first row unless said otherwise. */
  readonly csvHeaders?: CsvHeaders;
  readonly csvDelimiter?: CsvDelimiter;
}

abstract class S3ItemReader<P extends ItemReaderProps> implements IItemReader {
  protected readonly props: P;

  constructor(props: P) {
    this.props = props;
  }

  protected abstract readonly resource: string;
  protected abstract readonly location: Fields;
  protected abstract readonly config: Fields;

  render(queryLanguage?: QueryLanguage): Fields {
    const { bucket, bucketNamePath, maxItems } = this.props;
    const config = { ...this.config, MaxItems: maxItems || undefined };
    const place = { Bucket: bucket?.bucketName ?? bucketNamePath, ...this.location };
    const jsonata = queryLanguage === QueryLanguage.JSONATA;
    const reader = {
      Resource: this.resource,
      ReaderConfig: Object.values(config).every((value) => value === undefined) ? undefined : config,
      [jsonata ? "Arguments" : "Parameters"]: jsonata ? withoutReferences(place) : place,
    };
    return jsonata ? reader : (renderFields(reader) as Fields);
  }

  validateItemReader(): readonly string[] {
    const { bucket, bucketNamePath } = this.props;
    if (bucket === undefined && bucketNamePath === undefined) return ["Provide either `bucket` or `bucketNamePath`"];
    return both("bucket", bucket, "bucketNamePath", bucketNamePath);
  }
}

/** The objects of a bucket. */
export class S3ObjectsItemReader extends S3ItemReader<S3ObjectsItemReaderProps> {
  protected readonly resource = "arn:aws:states:::s3:listObjectsV2";
  protected get location(): Fields {
    return { Prefix: this.props.prefix || undefined };
  }
  protected get config(): Fields {
    return {};
  }
}

abstract class S3FileItemReader<P extends S3FileItemReaderProps = S3FileItemReaderProps> extends S3ItemReader<P> {
  protected readonly resource = "arn:aws:states:::s3:getObject";
  protected abstract readonly inputType: string;
  protected get location(): Fields {
    return { Key: this.props.key };
  }
  protected get config(): Fields {
    return { InputType: this.inputType };
  }
}

/** The members of a JSON list in one object. */
export class S3JsonItemReader extends S3FileItemReader {
  protected readonly inputType = "JSON";
}

/** The lines of an object, each a JSON text. */
export class S3JsonLItemReader extends S3FileItemReader {
  protected readonly inputType = "JSONL";
}

/** The objects listed in an S3 inventory. */
export class S3ManifestItemReader extends S3FileItemReader {
  protected readonly inputType = "MANIFEST";
}

/** The rows of a CSV object. */
export class S3CsvItemReader extends S3FileItemReader<S3CsvItemReaderProps> {
  protected readonly inputType = "CSV";
  protected override get config(): Fields {
    const headers = this.props.csvHeaders ?? CsvHeaders.useFirstRow();
    return {
      ...super.config,
      CSVDelimiter: this.props.csvDelimiter,
      CSVHeaderLocation: headers.headerLocation,
      CSVHeaders: headers.headers,
    };
  }
}

export const CsvHeaderLocation = { FIRST_ROW: "FIRST_ROW", GIVEN: "GIVEN" } as const;
export type CsvHeaderLocation = (typeof CsvHeaderLocation)[keyof typeof CsvHeaderLocation];

export const CsvDelimiter = {
  COMMA: "COMMA",
  PIPE: "PIPE",
  SEMICOLON: "SEMICOLON",
  SPACE: "SPACE",
  TAB: "TAB",
} as const;
export type CsvDelimiter = (typeof CsvDelimiter)[keyof typeof CsvDelimiter];

/** Where the names of a CSV object's columns come from. */
export class CsvHeaders {
  static useFirstRow(): CsvHeaders {
    return new CsvHeaders(CsvHeaderLocation.FIRST_ROW);
  }
  static use(headers: readonly string[]): CsvHeaders {
    return new CsvHeaders(CsvHeaderLocation.GIVEN, headers);
  }

  readonly headerLocation: CsvHeaderLocation;
  readonly headers: readonly string[] | undefined;

  private constructor(headerLocation: CsvHeaderLocation, headers?: readonly string[]) {
    this.headerLocation = headerLocation;
    this.headers = headers;
  }
}
