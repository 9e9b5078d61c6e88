import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { type AwsIdentity, type Clock, Rejection } from "@stepwell/engine";
import { type AllowRule, actionsOf, checkAllowed, resourcesOf } from "./access-rules.ts";
import type { OperationName } from "./generated/api-model.ts";
import { checkScope, checkTime, parseSignature, verifySignature } from "./signature.ts";

/** A request's first line and headers as they came, before anything of them is trusted. */
export interface RequestHead {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

export interface SignedRequest extends RequestHead {
  readonly body: Uint8Array;
}

/** Who sent a request. */
export interface Caller {
  readonly accessKeyId: string;
  readonly principalArn: string;
  /** Throws AccessDeniedException unless the caller may perform the operation on what the input names. */
  authorize(operation: OperationName, input: object): void;
  /** The same of an action (`stepwell:Fork`) on a resource, an ARN or "*". */
  authorizeAction(action: string, resource: string): void;
}

export interface Authenticator {
  /** Throws the error that AWS answers to a request that is unsigned, wrongly signed, or signed by nobody known. */
  authenticate(request: SignedRequest): Promise<Caller>;
  /** For sessions, whose holders have shown that they know the secret. */
  findKey(accessKeyId: string): Promise<AccessKey | undefined>;
  callerOf(key: AccessKey): Caller;
}

/** A key that may sign requests, and what it may do. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Set for temporary credentials: a request must carry it. */
  readonly sessionToken?: string;
  /** Shown in AccessDeniedException. */
  readonly principalArn: string;
  readonly allow: readonly AllowRule[];
}

export interface AuthenticatorOptions {
  /** Asked for each request, so that keys can be rotated while the service runs. */
  readonly findKey: (accessKeyId: string) => AccessKey | undefined | Promise<AccessKey | undefined>;
  readonly identity: AwsIdentity;
  readonly clock: Pick<Clock, "now">;
}

/** Signature Version 4 with keys of this installation. */
export function createAuthenticator({ findKey, identity, clock }: AuthenticatorOptions): Authenticator {
  const callerOf = (key: AccessKey): Caller => ({
    accessKeyId: key.accessKeyId,
    principalArn: key.principalArn,
    authorize(operation, input) {
      const resources = resourcesOf(identity, operation, input);
      for (const action of actionsOf(operation, input)) checkAllowed(key.principalArn, key.allow, action, resources);
    },
    authorizeAction: (action, resource) => checkAllowed(key.principalArn, key.allow, action, [resource]),
  });
  return {
    findKey: async (accessKeyId) => findKey(accessKeyId),
    callerOf,
    async authenticate(request) {
      const signature = parseSignature(request);
      checkScope(signature, identity.region);
      const key = await findKey(signature.accessKeyId);
      if (key === undefined || !sameToken(key.sessionToken, signature.securityToken)) throw unrecognizedClient();
      checkTime(signature, clock.now());
      verifySignature(request, signature, key.secretAccessKey);
      return callerOf(key);
    },
  };
}

function sameToken(wanted = "", given = ""): boolean {
  const left = Buffer.from(wanted);
  const right = Buffer.from(given);
  return left.length === right.length && timingSafeEqual(left, right);
}

function unrecognizedClient(): Rejection {
  return new Rejection("UnrecognizedClientException", "The security token included in the request is invalid.");
}
