import type { Construct } from "../construct.ts";
import { lastPartOf, NamedReference } from "./named-reference.ts";

export interface IRole {
  readonly roleArn: string;
  readonly roleName: string;
}

export interface RoleProps {
  readonly roleName?: string;
  /** Who may take the role: only written down. */
  readonly assumedBy?: unknown;
}

/** A role that exists elsewhere. */
export class Role extends NamedReference implements IRole {
  static fromRoleArn(_scope: Construct, _id: string, roleArn: string): IRole {
    return { roleArn, roleName: lastPartOf(roleArn) };
  }
  static fromRoleName(scope: Construct, id: string, roleName: string): IRole {
    return new Role(scope, id, { roleName });
  }

  /** What the role was given here; nothing is created. */
  readonly statements: PolicyStatement[] = [];

  constructor(scope: Construct, id: string, props: RoleProps = {}) {
    super(scope, id, props.roleName);
  }

  addToPolicy(statement: PolicyStatement): void {
    this.statements.push(statement);
  }

  get roleName(): string {
    return this.resourceName;
  }
  get roleArn(): string {
    return this.stack.globalArn("iam", `role/${this.roleName}`);
  }
}

/** A statement of a policy, as it was given. */
export class PolicyStatement {
  readonly actions: readonly string[];
  readonly resources: readonly string[];

  constructor(props: { readonly actions?: readonly string[]; readonly resources?: readonly string[] } = {}) {
    this.actions = props.actions ?? [];
    this.resources = props.resources ?? [];
  }
}

/** An AWS service that takes a role. */
export class ServicePrincipal {
  readonly service: string;

  constructor(service: string) {
    this.service = service;
  }
}
