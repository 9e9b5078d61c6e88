/** What flows call by ARN (cloudflow.md 5.4, 6.3). Region and account may be empty: one's own. */

export type FlowResourceArn =
  | { readonly service: "fnf"; readonly flow: string }
  | { readonly service: "fc"; readonly function: string; readonly fcService?: string; readonly qualifier?: string }
  | { readonly service: "mns"; readonly kind: "topics" | "queues"; readonly name: string };

const ARN = /^acs:(fc|mns|fnf):([^:]*):([^:]*):(.+)$/s;
const FUNCTION_OF_SERVICE = /^services\/([^/.]+)(?:\.([^/]+))?\/functions\/([^/]+)$/;
const FUNCTION = /^functions\/([^/]+)(?:\/([^/]+))?$/;

/** `undefined` when it is none of these. */
export function parseFlowResourceArn(arn: string): FlowResourceArn | undefined {
  const match = ARN.exec(arn);
  if (match === null) return undefined;
  const [, service, , , path = ""] = match;
  if (service === "fnf") {
    const flow = /^flow\/([A-Za-z_][A-Za-z0-9_-]{0,127})$/.exec(path)?.[1];
    return flow === undefined ? undefined : { service: "fnf", flow };
  }
  if (service === "mns") {
    const [, kind, name] = /^\/?(topics|queues)\/([^/]+)\/messages$/.exec(path) ?? [];
    return kind === undefined || name === undefined ? undefined : { service: "mns", kind: kind as "topics", name };
  }
  return functionOf(path);
}

function functionOf(path: string): FlowResourceArn | undefined {
  const old = FUNCTION_OF_SERVICE.exec(path);
  if (old !== null) {
    const [, fcService = "", qualifier, name = ""] = old;
    return { service: "fc", function: name, fcService, ...(qualifier === undefined ? {} : { qualifier }) };
  }
  const [, name, qualifier] = FUNCTION.exec(path) ?? [];
  if (name === undefined) return undefined;
  return { service: "fc", function: name, ...(qualifier === undefined ? {} : { qualifier }) };
}
