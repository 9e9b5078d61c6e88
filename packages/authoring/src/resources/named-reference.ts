import { Construct, Stack } from "../construct.ts";

/** A resource that exists elsewhere, known here by its name only: its construct's path unless one is given. */
export class NamedReference extends Construct {
  protected readonly stack: Stack;
  protected readonly givenName: string | undefined;

  constructor(scope: Construct, id: string, name?: string) {
    super(scope, id);
    this.stack = Stack.of(this);
    this.givenName = name;
  }

  protected get resourceName(): string {
    return this.givenName ?? this.node.resourceName;
  }
}

/** What comes after the last `:` or `/` of an ARN. */
export function lastPartOf(arn: string): string {
  return arn.slice(Math.max(arn.lastIndexOf(":"), arn.lastIndexOf("/")) + 1);
}
