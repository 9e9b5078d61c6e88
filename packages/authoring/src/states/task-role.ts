import { JsonPath } from "../fields/json-path.ts";
import { isReference } from "../fields/reference.ts";
import type { IRole } from "../resources/iam.ts";

/** The role a task is done as, when it is not the machine's own. */
export class TaskRole {
  static fromRole(role: IRole): TaskRole {
    return new TaskRole(role.roleArn);
  }
  /** path: a path as text, or a reference as `JsonPath.stringAt` makes it. */
  static fromRoleArnJsonPath(path: string): TaskRole {
    return new TaskRole(isReference(path) ? path : JsonPath.stringAt(path));
  }

  readonly roleArn: string;

  private constructor(roleArn: string) {
    this.roleArn = roleArn;
  }
}

export interface Credentials {
  readonly role: TaskRole;
}
