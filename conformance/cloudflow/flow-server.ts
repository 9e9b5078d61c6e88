/** Stepwell in this process, in memory, speaking CloudFlow on a port of its own with one key. */
import {
  type CloudFlowSettings,
  composeStepwell,
  createFlowAuthenticator,
  type Stepwell,
  serveCloudFlow,
} from "stepwell";
import { decisionsOfTests } from "../step-functions/decisions-of-tests.ts";
import type { Credentials } from "./flow-clients.ts";

export interface FlowServer {
  /** `host:port`. */
  readonly endpoint: string;
  readonly stepwell: Stepwell;
  close(): Promise<void>;
}

export const KEY = { accessKeyId: "testid", accessKeySecret: "testsecret" };

/** As STS gives them. */
export const TEMPORARY_KEY: Required<Credentials> = { ...KEY, accessKeyId: "STS.temporary", securityToken: "a+b/c= d" };

const DRAIN_MS = 1_000;
const ALLOWED = ["127.0.0.0/8", "localhost"];

export interface FlowServerSetting extends Omit<CloudFlowSettings, "authenticator"> {
  readonly messages?: Readonly<Record<string, string>>;
  readonly functions?: Parameters<typeof composeStepwell>[0]["functions"];
  readonly baseDirectory?: string;
  /** What the service thinks the time is, beside the real one, in milliseconds. */
  readonly clockOffsetMs?: number;
  /** Changes what the composed service is before it serves. */
  readonly change?: (stepwell: Stepwell) => Stepwell;
}

export async function startFlowServer(setting: FlowServerSetting = {}): Promise<FlowServer> {
  const { messages, functions, baseDirectory, clockOffsetMs = 0, change = (same) => same, ...rest } = setting;
  const stepwell = await composeStepwell({
    dataDir: ":memory:",
    ...decisionsOfTests(),
    flows: { allow: ALLOWED, ...(messages && { messages }) },
    ...(functions && { functions }),
    ...(baseDirectory && { baseDirectory }),
    onProblem: (problem, about) => console.log(`behind the scenes, ${about}: ${String(problem)}`),
  });
  const key = {
    accessKeyId: KEY.accessKeyId,
    secretAccessKey: KEY.accessKeySecret,
    principalArn: "arn:aws:iam::123456789012:user/test",
    allow: [{ actions: ["*"], resources: ["*"] }],
  };
  const reader = { ...key, accessKeyId: "reader", allow: [{ actions: ["fnf:Describe*"], resources: ["*"] }] };
  const temporary = { ...key, accessKeyId: TEMPORARY_KEY.accessKeyId, sessionToken: TEMPORARY_KEY.securityToken };
  const authenticator = createFlowAuthenticator({
    findKey: (id) => [key, reader, temporary].find(({ accessKeyId }) => accessKeyId === id),
    identity: { partition: "aws", region: "us-east-1", accountId: "123456789012" },
    clock: { now: () => Date.now() + clockOffsetMs },
  });
  const service = await serveCloudFlow(change(stepwell), { host: "127.0.0.1", port: 0, authenticator, ...rest });
  return {
    endpoint: new URL(service.url).host,
    stepwell,
    async close() {
      await service.close();
      if (stepwell.long !== undefined) console.log(`threads did ${JSON.stringify(stepwell.long.threads.stats)}`);
      await stepwell.close(DRAIN_MS);
    },
  };
}
