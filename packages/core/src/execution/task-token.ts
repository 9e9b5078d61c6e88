import { base64Decode, base64Encode } from "../data/base64.ts";

/** What a task token names, and the secret that makes it one. */
export interface TaskTokenParts {
  readonly executionArn: string;
  readonly taskId: number;
  readonly nonce: string;
}

const PREFIX = "stepwell1";
const TOKEN_LENGTH_MAX = 2048;

export function taskToken(parts: TaskTokenParts): string {
  return base64Encode(`${PREFIX}\n${parts.executionArn}\n${parts.taskId}\n${parts.nonce}`);
}

export function parseTaskToken(token: string): TaskTokenParts | undefined {
  if (token.length > TOKEN_LENGTH_MAX) return undefined;
  const fields = base64Decode(token)?.split("\n");
  if (fields?.length !== 4) return undefined;
  const [prefix, executionArn, taskId, nonce] = fields as [string, string, string, string];
  if (prefix !== PREFIX || !/^[0-9]{1,9}$/.test(taskId) || !/^[0-9a-f]{32}$/.test(nonce)) return undefined;
  return { executionArn, taskId: Number(taskId), nonce };
}
