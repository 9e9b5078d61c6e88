import type { Construct } from "../construct.ts";
import { type BuildEnvironmentVariable, BuildEnvironmentVariableType, type IProject } from "../resources/codebuild.ts";
import {
  IntegrationPattern,
  integrationResourceArn,
  type TaskCall,
  TaskStateBase,
  type TaskStateBaseProps,
} from "../states/task-state-base.ts";

export interface CodeBuildStartBuildProps extends TaskStateBaseProps {
  readonly project: IProject;
  readonly environmentVariablesOverride?: { readonly [name: string]: BuildEnvironmentVariable };
}
export interface CodeBuildStartBuildBatchProps extends CodeBuildStartBuildProps {}

abstract class CodeBuildTask extends TaskStateBase {
  readonly #props: CodeBuildStartBuildProps;
  readonly #pattern: IntegrationPattern;

  constructor(scope: Construct, id: string, props: CodeBuildStartBuildProps) {
    super(scope, id, props);
    this.#props = props;
    this.#pattern = this.pattern(IntegrationPattern.REQUEST_RESPONSE, IntegrationPattern.RUN_JOB);
  }

  protected abstract readonly api: string;

  protected renderCall(): TaskCall {
    const { project, environmentVariablesOverride } = this.#props;
    return {
      resource: integrationResourceArn("codebuild", this.api, this.#pattern),
      parameters: {
        ProjectName: project.projectName,
        EnvironmentVariablesOverride: renderVariables(environmentVariablesOverride),
      },
    };
  }
}

/** Starts a build. */
export class CodeBuildStartBuild extends CodeBuildTask {
  protected readonly api = "startBuild";
}

/** Starts a batch of builds. */
export class CodeBuildStartBuildBatch extends CodeBuildTask {
  protected readonly api = "startBuildBatch";
}

function renderVariables(variables: CodeBuildStartBuildProps["environmentVariablesOverride"]): unknown {
  if (variables === undefined) return undefined;
  return Object.entries(variables).map(([name, { type = BuildEnvironmentVariableType.PLAINTEXT, value }]) => ({
    Name: name,
    Type: type,
    Value: value,
  }));
}
