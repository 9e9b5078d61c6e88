export interface IProject {
  readonly projectName: string;
  readonly projectArn?: string;
}

export const BuildEnvironmentVariableType = {
  PLAINTEXT: "PLAINTEXT",
  PARAMETER_STORE: "PARAMETER_STORE",
  SECRETS_MANAGER: "SECRETS_MANAGER",
} as const;
export type BuildEnvironmentVariableType =
  (typeof BuildEnvironmentVariableType)[keyof typeof BuildEnvironmentVariableType];

export interface BuildEnvironmentVariable {
  /** `PLAINTEXT` unless said otherwise. */
  readonly type?: BuildEnvironmentVariableType;
  readonly value: unknown;
}
