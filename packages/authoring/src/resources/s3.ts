import type { Construct } from "../construct.ts";
import { NamedReference } from "./named-reference.ts";

export interface IBucket {
  readonly bucketName: string;
  readonly bucketArn?: string;
}

/** An object's place. */
export interface Location {
  readonly bucketName: string;
  readonly objectKey: string;
  readonly objectVersion?: string;
}

export interface BucketProps {
  readonly bucketName?: string;
}

/** A bucket that exists elsewhere. */
export class Bucket extends NamedReference implements IBucket {
  static fromBucketName(_scope: Construct, _id: string, bucketName: string): IBucket {
    return { bucketName, bucketArn: `arn:aws:s3:::${bucketName}` };
  }
  static fromBucketArn(_scope: Construct, _id: string, bucketArn: string): IBucket {
    return { bucketName: bucketArn.slice(bucketArn.lastIndexOf(":") + 1), bucketArn };
  }

  constructor(scope: Construct, id: string, props: BucketProps = {}) {
    super(scope, id, props.bucketName);
  }

  get bucketName(): string {
    return this.givenName ?? this.node.resourceName.toLowerCase();
  }
  get bucketArn(): string {
    return `arn:${this.stack.partition}:s3:::${this.bucketName}`;
  }
  arnForObjects(pattern: string): string {
    return `${this.bucketArn}/${pattern}`;
  }
}
