import { PolicyStatement } from "../resources/iam.ts";

/** Who can be given a right: a role, or anything that keeps statements. */
export interface IGrantable {
  addToPolicy(statement: PolicyStatement): void;
}

/** What was given. */
export interface Grant {
  readonly statements: readonly PolicyStatement[];
}

/** Gives the rights to somebody. Nothing is created: the statements stand in `grantee`, and in what is returned. */
export function grant(
  grantee: IGrantable,
  ...rights: readonly (readonly [actions: readonly string[], resource: string])[]
): Grant {
  const statements = rights.map(([actions, resource]) => new PolicyStatement({ actions, resources: [resource] }));
  for (const statement of statements) grantee.addToPolicy(statement);
  return { statements };
}
