import type { Construct } from "../construct.ts";
import { lastPartOf, NamedReference } from "./named-reference.ts";

export interface IKey {
  readonly keyArn: string;
  readonly keyId: string;
}

/** A key that exists elsewhere. */
export class Key extends NamedReference implements IKey {
  static fromKeyArn(_scope: Construct, _id: string, keyArn: string): IKey {
    return { keyArn, keyId: lastPartOf(keyArn) };
  }

  get keyId(): string {
    return this.resourceName;
  }
  get keyArn(): string {
    return this.stack.arn("kms", `key/${this.keyId}`);
  }
}
