/** How a caller names a function: by name, partial ARN or full ARN, with a version or alias. AWS Lambda, "Invoke". */
export interface FunctionReference {
  readonly name: string;
  /** A version, an alias or `$LATEST`. */
  readonly qualifier?: string;
  readonly partition?: string;
  readonly region?: string;
  readonly accountId?: string;
}

export interface FunctionDefaults {
  readonly region: string;
  readonly accountId: string;
}

const REFERENCE =
  /^(?:arn:(?<partition>aws[a-zA-Z-]*):lambda:)?(?:(?<region>[a-z]{2}(?:-[a-z]+)+-\d):)?(?:(?<accountId>\d{12}):)?(?:function:)?(?<name>[a-zA-Z0-9-_]{1,140})(?::(?<qualifier>\$LATEST|[a-zA-Z0-9-_]{1,128}))?$/;

/** `undefined`: not the name of a function. */
export function parseFunctionReference(text: string): FunctionReference | undefined {
  const groups = REFERENCE.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { partition, region, accountId, name, qualifier } = groups;
  return {
    name: name!,
    ...(qualifier === undefined ? {} : { qualifier }),
    ...(partition === undefined ? {} : { partition }),
    ...(region === undefined ? {} : { region }),
    ...(accountId === undefined ? {} : { accountId }),
  };
}

/** The full ARN, with the qualifier when there is one. */
export function functionArn(reference: FunctionReference, defaults: FunctionDefaults): string {
  const { partition = "aws", region = defaults.region, accountId = defaults.accountId, name, qualifier } = reference;
  const suffix = qualifier === undefined ? "" : `:${qualifier}`;
  return `arn:${partition}:lambda:${region}:${accountId}:function:${name}${suffix}`;
}

/** A version is a number; an alias could point anywhere, and what runs here is the latest. */
export function executedVersion(reference: FunctionReference): string {
  return reference.qualifier !== undefined && /^\d+$/.test(reference.qualifier) ? reference.qualifier : "$LATEST";
}
