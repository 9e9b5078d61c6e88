import { Misuse } from "./misuse.ts";

/** Deeper trees than this are a mistake in a loop, not a program. */
const DEPTH_MAX = 100;

/** The account and region whose names a stack's constructs get. */
export interface Environment {
  /** 12 digits; `123456789012` unless said otherwise. */
  readonly account?: string;
  /** `us-east-1` unless said otherwise. */
  readonly region?: string;
}

/** Where a construct stands in the tree, and what was said of it. */
export class ConstructNode {
  readonly id: string;
  readonly scope: Construct | undefined;
  readonly children: Construct[] = [];
  readonly warnings: string[] = [];

  constructor(host: Construct, scope: Construct | undefined, given: string) {
    // As the CDK does it: a path is made of ids.
    const id = given.replaceAll("/", "--");
    this.id = id;
    this.scope = scope;
    if (scope === undefined) return;
    const { node } = scope;
    if (node.children.some((child) => child.node.id === id)) {
      throw new Misuse(node.path, `There is already a Construct with name '${id}' here`);
    }
    if (node.ancestors().length >= DEPTH_MAX) throw new Misuse(node.path, `more than ${DEPTH_MAX} constructs deep`);
    node.children.push(host);
  }

  /** The ids from the root down, joined by `/`: `Default/SM/Pay`. */
  get path(): string {
    return this.#ids().join("/");
  }

  /** The ids below the stack, as a name of a resource may have them. */
  get resourceName(): string {
    return this.#ids()
      .slice(1)
      .map((id) => id.replaceAll(/[^A-Za-z0-9_-]/g, ""))
      .join("-");
  }

  /** From the scope up to the root. */
  ancestors(): readonly Construct[] {
    const found: Construct[] = [];
    for (let at = this.scope; at !== undefined; at = at.node.scope) found.push(at);
    return found;
  }

  /** This construct's children, theirs, and so on, parents first. */
  descendants(): readonly Construct[] {
    return this.children.flatMap((child) => [child, ...child.node.descendants()]);
  }

  addWarning(message: string): void {
    this.warnings.push(message);
  }

  #ids(): string[] {
    const ids = this.ancestors().map((ancestor) => ancestor.node.id);
    return [...ids.reverse(), this.id];
  }
}

/** A named thing in a tree of them: states, machines and generated resources. An id is unique in its scope. */
export class Construct {
  readonly node: ConstructNode;

  constructor(scope: Construct | undefined, id: string) {
    this.node = new ConstructNode(this, scope, id);
  }
}

/** The root of a tree. Its environment names the resources that constructs make for themselves. */
export class Stack extends Construct {
  /** The stack a construct stands in; any other thing (a reference to a resource) is in the default environment. */
  static of(thing: unknown): Stack {
    if (thing instanceof Stack) return thing;
    if (!(thing instanceof Construct)) return new Stack();
    const found = thing.node.ancestors().find((ancestor) => ancestor instanceof Stack);
    return found instanceof Stack ? found : new Stack();
  }

  readonly account: string;
  readonly region: string;
  readonly partition: string;
  readonly urlSuffix: string;

  constructor(id: string = "Default", environment: Environment = {}) {
    super(undefined, id);
    this.account = environment.account ?? "123456789012";
    this.region = environment.region ?? "us-east-1";
    this.partition = partitionOf(this.region);
    this.urlSuffix = this.partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
  }

  /** `arn:<partition>:<service>:<region>:<account>:<resource>`. */
  arn(service: string, resource: string): string {
    return `arn:${this.partition}:${service}:${this.region}:${this.account}:${resource}`;
  }

  /** An ARN of a service without regions, such as IAM. */
  globalArn(service: string, resource: string): string {
    return `arn:${this.partition}:${service}::${this.account}:${resource}`;
  }
}

function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
