import type { Duration } from "../duration.ts";
import { Misuse } from "../misuse.ts";
import type { IKey } from "../resources/kms.ts";
import { isOutside } from "../tasks/checks.ts";

/** How a machine's or an activity's data are encrypted. */
export type EncryptionConfiguration = CustomerManagedEncryptionConfiguration | AwsOwnedEncryptionConfiguration;

const REUSE_SECONDS_DEFAULT = 300;

/** By a key of one's own. */
export class CustomerManagedEncryptionConfiguration {
  readonly type = "CUSTOMER_MANAGED_KMS_KEY";
  readonly kmsKey: IKey;
  /** 60 to 900; 300 unless given. */
  readonly kmsDataKeyReusePeriodSeconds: number;

  constructor(kmsKey: IKey, kmsDataKeyReusePeriodSeconds?: Duration) {
    const seconds = kmsDataKeyReusePeriodSeconds?.toSeconds() ?? REUSE_SECONDS_DEFAULT;
    if (isOutside(seconds, 60, 900)) {
      throw new Misuse(
        "EncryptionConfiguration",
        `kmsDataKeyReusePeriodSeconds must have a value between 60 and 900 seconds, got ${seconds}`,
      );
    }
    this.kmsKey = kmsKey;
    this.kmsDataKeyReusePeriodSeconds = seconds;
  }
}

/** By a key that AWS keeps. */
export class AwsOwnedEncryptionConfiguration {
  readonly type = "AWS_OWNED_KEY";
}
