import { Rejection } from "@stepwell/engine";
import type { Operation } from "../operation.ts";

/** For what this version cannot do: better said than half done. */
export function notSupportedYet(what: string): Rejection {
  return new Rejection("ValidationException", `${what} is not supported by this version of Stepwell`);
}

export const describeMapRun: Operation<"DescribeMapRun"> = async () => {
  throw notSupportedYet("DescribeMapRun");
};

export const updateMapRun: Operation<"UpdateMapRun"> = async () => {
  throw notSupportedYet("UpdateMapRun");
};
