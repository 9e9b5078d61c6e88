/** Who sent a request, and whether it is new (cloudflow.md 2.5). The same keys sign here that sign AWS's requests. */
import { timingSafeEqual } from "node:crypto";
import { type AwsIdentity, type Clock, Rejection } from "@stepwell/engine";
import { checkAllowed, matches } from "../aws/access-rules.ts";
import type { AccessKey } from "../aws/authentication.ts";
import { missingParameter } from "./errors.ts";
import type { FlowRequest } from "./flow-request.ts";
import { flowSignatureOf } from "./flow-signature.ts";

export interface FlowCaller {
  /**
   * Throws AccessDenied unless a rule allows `fnf:<action>` on the flow's ARN, or the action of AWS that is the same on the
   * state machine's ARN.
   */
  authorize(request: { readonly action: string; readonly awsAction: string; readonly flowName: string }): void;
}

export interface FlowAuthenticator {
  /** Throws the error of cloudflow.md 2.5, steps 2 to 4. */
  authenticate(request: FlowRequest): Promise<FlowCaller>;
}

export interface FlowAuthenticatorOptions {
  readonly findKey: (accessKeyId: string) => AccessKey | undefined | Promise<AccessKey | undefined>;
  readonly identity: AwsIdentity;
  readonly clock: Pick<Clock, "now">;
}

const SKEW_MS = 15 * 60_000;
/** Nonces remembered; the oldest go first when there are more. */
const NONCES_MAX = 200_000;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/;

export function createFlowAuthenticator({ findKey, identity, clock }: FlowAuthenticatorOptions): FlowAuthenticator {
  const nonces = new Nonces();
  return {
    async authenticate(request) {
      const signature = flowSignatureOf(request);
      const { accessKeyId } = signature;
      const key = accessKeyId === "" ? undefined : await findKey(accessKeyId);
      if (key === undefined || !sameText(key.sessionToken ?? "", signature.securityToken)) {
        throw new Rejection("InvalidAccessKeyID", `The AccessKey ID ${accessKeyId} is invalid.`);
      }
      const now = clock.now();
      checkTime(signature.timestamp, now);
      signature.verify(key.secretAccessKey);
      nonces.use(`${accessKeyId} ${nonceOf(signature.nonce)}`, now);
      return { authorize: (asked) => authorize(key, identity, asked) };
    },
  };
}

function nonceOf(nonce: string): string {
  if (nonce === "") throw missingParameter("SignatureNonce");
  return nonce;
}

function checkTime(timestamp: string, now: number): void {
  if (timestamp === "") throw missingParameter("Timestamp");
  const at = TIMESTAMP.test(timestamp) ? Date.parse(timestamp) : Number.NaN;
  if (Math.abs(now - at) <= SKEW_MS) return;
  throw new Rejection(
    "RequestTimeTooSkewed",
    `The difference between the request time ${timestamp} and the current time ${new Date(now).toISOString()} is too large.`,
  );
}

/** Every nonce once, for as long as a request with it could still be taken for new. */
class Nonces {
  /** In order of use. */
  readonly #used = new Map<string, number>();

  use(nonce: string, now: number): void {
    for (const [oldest, at] of this.#used) {
      if (now - at <= 2 * SKEW_MS && this.#used.size < NONCES_MAX) break;
      this.#used.delete(oldest);
    }
    if (this.#used.has(nonce)) throw new Rejection("SignatureNonceUsed", "Specified signature nonce was used already.");
    this.#used.set(nonce, now);
  }
}

function sameText(wanted: string, given: string): boolean {
  const [left, right] = [Buffer.from(wanted), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function authorize(key: AccessKey, identity: AwsIdentity, asked: Parameters<FlowCaller["authorize"]>[0]): void {
  const { partition, region, accountId } = identity;
  const flowArn = asked.flowName === "" ? "*" : `acs:fnf:${region}:${accountId}:flow/${asked.flowName}`;
  const allowed = key.allow.some(
    (rule) =>
      rule.actions.some((pattern) => matches(pattern, `fnf:${asked.action}`)) &&
      rule.resources.some((pattern) => matches(pattern, flowArn)),
  );
  if (allowed) return;
  const machineArn = `arn:${partition}:states:${region}:${accountId}:stateMachine:${asked.flowName}`;
  checkAllowed(key.principalArn, key.allow, `states:${asked.awsAction}`, [asked.flowName === "" ? "*" : machineArn]);
}
