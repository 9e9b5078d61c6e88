import { type Construct, Stack } from "../construct.ts";
import { isReference } from "../fields/reference.ts";
import { NamedReference } from "./named-reference.ts";

/** A function to call. A bare name is enough for Stepwell's local functions. */
export interface IFunction {
  readonly functionArn: string;
  readonly functionName: string;
}

/** A function by its name or its ARN; either may be a reference, known only at run time. */
export function fn(nameOrArn: string, scope?: Construct): IFunction {
  if (isReference(nameOrArn)) return { functionArn: nameOrArn, functionName: nameOrArn };
  if (nameOrArn.startsWith("arn:")) {
    return { functionArn: nameOrArn, functionName: nameOrArn.split(":").slice(6).join(":") };
  }
  const stack = scope === undefined ? new Stack() : Stack.of(scope);
  return { functionArn: stack.arn("lambda", `function:${nameOrArn}`), functionName: nameOrArn };
}

export interface FunctionProps {
  readonly functionName?: string;
}

/** A function that exists elsewhere. */
class LambdaFunction extends NamedReference implements IFunction {
  static fromFunctionArn(_scope: Construct, _id: string, functionArn: string): IFunction {
    return fn(functionArn);
  }
  static fromFunctionName(scope: Construct, _id: string, functionName: string): IFunction {
    return fn(functionName, scope);
  }
  static fromFunctionAttributes(
    _scope: Construct,
    _id: string,
    attributes: { readonly functionArn: string },
  ): IFunction {
    return fn(attributes.functionArn);
  }

  constructor(scope: Construct, id: string, props: FunctionProps = {}) {
    super(scope, id, props.functionName);
  }

  get functionName(): string {
    return this.resourceName;
  }
  get functionArn(): string {
    return this.stack.arn("lambda", `function:${this.functionName}`);
  }
  /** The function's version, or an alias of it. */
  qualified(qualifier: string): IFunction {
    return { functionArn: `${this.functionArn}:${qualifier}`, functionName: `${this.functionName}:${qualifier}` };
  }
}

export { LambdaFunction as Function };

/** Which Node an EvaluateExpression asks for; Stepwell evaluates with its own. */
export class Runtime {
  static readonly NODEJS_18_X: Runtime = new Runtime("nodejs18.x");
  static readonly NODEJS_20_X: Runtime = new Runtime("nodejs20.x");
  static readonly NODEJS_22_X: Runtime = new Runtime("nodejs22.x");
  static readonly NODEJS_24_X: Runtime = new Runtime("nodejs24.x");
  static readonly NODEJS_LATEST: Runtime = new Runtime("nodejs22.x");

  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export class Architecture {
  static readonly X86_64: Architecture = new Architecture("x86_64");
  static readonly ARM_64: Architecture = new Architecture("arm64");

  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
