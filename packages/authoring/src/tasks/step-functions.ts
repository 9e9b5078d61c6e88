import type { Construct } from "../construct.ts";
import type { Fields } from "../fields/field-utils.ts";
import { JsonPath } from "../fields/json-path.ts";
import { InputType, type TaskInput } from "../fields/task-input.ts";
import type { IActivity } from "../machine/activity.ts";
import type { IStateMachine } from "../machine/state-machine-reference.ts";
import {
  IntegrationPattern,
  integrationResourceArn,
  type TaskCall,
  TaskStateBase,
  type TaskStateBaseProps,
} from "../states/task-state-base.ts";

export interface StepFunctionsStartExecutionProps extends TaskStateBaseProps {
  readonly stateMachine: IStateMachine;
  /** The state's whole input unless said otherwise. */
  readonly input?: TaskInput;
  readonly name?: string;
  /** Tells the child which execution started it; needs an object as input, or none. */
  readonly associateWithParent?: boolean;
}

const PARENT_KEY = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID";

/** Starts an execution of another machine. */
export class StepFunctionsStartExecution extends TaskStateBase {
  readonly #props: StepFunctionsStartExecutionProps;
  readonly #pattern: IntegrationPattern;

  constructor(scope: Construct, id: string, props: StepFunctionsStartExecutionProps) {
    super(scope, id, props);
    this.#props = props;
    const { REQUEST_RESPONSE, RUN_JOB, WAIT_FOR_TASK_TOKEN } = IntegrationPattern;
    this.#pattern = this.pattern(REQUEST_RESPONSE, RUN_JOB, WAIT_FOR_TASK_TOKEN);
    this.requireTaskToken(this.#pattern, props.input, "Task Token is required in `input` for callback.");
    if (props.associateWithParent === true && props.input !== undefined && props.input.type !== InputType.OBJECT) {
      throw this.misuse(
        "Could not enable `associateWithParent` because `input` is taken directly from a JSON path. " +
          "Use `TaskInput.fromObject` instead.",
      );
    }
  }

  protected renderCall(jsonata: boolean): TaskCall {
    const { stateMachine, name } = this.#props;
    // The second version of the integration gives the child's output as JSON, not as text.
    const version = this.#pattern === IntegrationPattern.RUN_JOB ? ":2" : "";
    return {
      resource: `${integrationResourceArn("states", "startExecution", this.#pattern)}${version}`,
      parameters: { Input: this.#input(jsonata), StateMachineArn: stateMachine.stateMachineArn, Name: name },
    };
  }

  #input(jsonata: boolean): unknown {
    const { input, associateWithParent } = this.#props;
    if (associateWithParent === true) {
      const parent = jsonata ? "{% $states.context.Execution.Id %}" : JsonPath.executionId;
      return { ...(input?.value as Fields | undefined), [PARENT_KEY]: parent };
    }
    if (input !== undefined) return input.value;
    return jsonata ? "{% $states.input %}" : JsonPath.entirePayload;
  }
}

export interface StepFunctionsInvokeActivityProps extends TaskStateBaseProps {
  readonly activity: IActivity;
  /** What the worker gets (JSONPath). */
  readonly parameters?: Fields;
  /** What the worker gets (JSONata). */
  readonly arguments?: unknown;
}

/** Waits for a worker of an activity. */
export class StepFunctionsInvokeActivity extends TaskStateBase {
  readonly #props: StepFunctionsInvokeActivityProps;

  constructor(scope: Construct, id: string, props: StepFunctionsInvokeActivityProps) {
    super(scope, id, props);
    this.#props = props;
    this.pattern(IntegrationPattern.REQUEST_RESPONSE);
  }

  protected renderCall(jsonata: boolean): TaskCall {
    const { activity, parameters } = this.#props;
    return { resource: activity.activityArn, parameters: jsonata ? (parameters ?? this.#props.arguments) : parameters };
  }
}
