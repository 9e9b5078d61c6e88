import type { Construct } from "../construct.ts";
import type { Fields } from "../fields/field-utils.ts";
import {
  IntegrationPattern,
  integrationResourceArn,
  type TaskCall,
  TaskStateBase,
  type TaskStateBaseProps,
} from "../states/task-state-base.ts";

export interface MediaConvertCreateJobProps extends TaskStateBaseProps {
  /** The request as MediaConvert's API has it. */
  readonly createJobRequest: Fields;
}

/** Starts a transcoding job. */
export class MediaConvertCreateJob extends TaskStateBase {
  readonly #request: Fields;
  readonly #pattern: IntegrationPattern;

  constructor(scope: Construct, id: string, props: MediaConvertCreateJobProps) {
    super(scope, id, props);
    this.#request = props.createJobRequest;
    this.#pattern = this.pattern(IntegrationPattern.REQUEST_RESPONSE, IntegrationPattern.RUN_JOB);
    for (const name of ["Role", "Settings"]) {
      if (props.createJobRequest[name] === undefined) throw this.misuse(`is missing required property: ${name}`);
    }
  }

  protected renderCall(): TaskCall {
    return { resource: integrationResourceArn("mediaconvert", "createJob", this.#pattern), parameters: this.#request };
  }
}
