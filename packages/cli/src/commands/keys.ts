import { resolve } from "node:path";
import { addKey, listKeys, removeKey } from "../auth/keys-file.ts";

export interface AddOptions {
  readonly file: string;
  readonly name: string;
  readonly action: readonly string[];
  readonly resource: readonly string[];
}

/** `stepwell keys add`: the secret is on standard output this once. */
export async function addAccessKey({ file, name, action, resource }: AddOptions): Promise<number> {
  const key = await addKey(resolve(file), name, [{ actions: action, resources: resource }]);
  process.stdout.write(`AWS_ACCESS_KEY_ID=${key.accessKeyId}\nAWS_SECRET_ACCESS_KEY=${key.secretAccessKey}\n`);
  process.stderr.write("The secret is shown this once: the file has it sealed.\n");
  return 0;
}

/** `stepwell keys list`: a line of JSON for each key, without its secret. */
export async function listAccessKeys({ file }: { readonly file: string }): Promise<number> {
  for (const { accessKeyId, name, allow } of await listKeys(resolve(file))) {
    process.stdout.write(`${JSON.stringify({ accessKeyId, name, allow })}\n`);
  }
  return 0;
}

/** `stepwell keys remove`: answers 1 when there is no such key. */
export async function removeAccessKey(accessKeyId: string, { file }: { readonly file: string }): Promise<number> {
  if (await removeKey(resolve(file), accessKeyId)) return 0;
  process.stderr.write(`stepwell: ${file} has no key ${accessKeyId}\n`);
  return 1;
}
