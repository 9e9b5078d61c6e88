import type { Json } from "@stepwell/core";
import type { StepAnswer } from "./recorded-case.ts";

/** The Step Functions server the cases are replayed against. */
export interface ServerUnderTest {
  readonly endpoint: string;
  /** The account id in the ARNs it makes. */
  readonly account: string;
  close(): Promise<void>;
}

/** A Lambda function that the server must have from its start on. */
export interface FunctionUnderTest {
  readonly name: string;
  /** A key of functions.json. */
  readonly behaviour: string;
  readonly timeoutSeconds: number;
}

/** A stand-in for AWS's other services. Answers are those of AWS's Python SDK. */
export interface OtherServices {
  readonly endpoint: string;
  call(service: string, operation: string, params: Json): Promise<StepAnswer>;
  close(): Promise<void>;
}
