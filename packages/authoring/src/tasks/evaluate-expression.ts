import { type Construct, Stack } from "../construct.ts";
import { JsonPath } from "../fields/json-path.ts";
import type { Architecture, Runtime } from "../resources/lambda.ts";
import { type TaskCall, TaskStateBase, type TaskStateBaseProps } from "../states/task-state-base.ts";
import { EVALUATED_PATH, pathsInsideLiterals } from "./evaluated-paths.ts";

export interface EvaluateExpressionProps extends TaskStateBaseProps {
  /** JavaScript in which paths (`$.a.b`) stand for their values. */
  readonly expression: string;
  /** Only written down: Stepwell evaluates with its own Node. */
  readonly runtime?: Runtime;
  /** Only written down. */
  readonly architecture?: Architecture;
}

/**
 * Evaluates a JavaScript expression. The function it names, `<path>-EvalFunction`, is one that Stepwell has itself: it
 * evaluates in a process with no files, no network and bounded time and memory.
 */
export class EvaluateExpression extends TaskStateBase {
  readonly #expression: string;

  constructor(scope: Construct, id: string, props: EvaluateExpressionProps) {
    super(scope, id, props);
    this.#expression = props.expression;
    const lost = pathsInsideLiterals(props.expression);
    if (lost.length === 0) return;
    throw this.misuse(
      `state path(s) ${JSON.stringify(lost)} are used as literal text inside a string in the EvaluateExpression ` +
        "'expression': a path has its value only as code, so put it into the braces of a template",
    );
  }

  protected renderCall(): TaskCall {
    const paths = new Set(this.#expression.match(EVALUATED_PATH));
    const values = [...paths].map((path) => [path, JsonPath.stringAt(path)] as const);
    return {
      resource: Stack.of(this).arn("lambda", `function:${this.node.resourceName}-EvalFunction`),
      parameters: { expression: this.#expression, expressionAttributeValues: Object.fromEntries(values) },
    };
  }
}
