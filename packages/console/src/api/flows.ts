/** Flows of CloudFlow in their own text. */
import type { ApiFlow, ApiFlowAnswer } from "@stepwell/server";
import { callV1 } from "./http.ts";

export type { ApiFlow } from "@stepwell/server";

/** Null for a state machine that is no flow, and where CloudFlow is not served. */
export const getFlow = async (name: string): Promise<ApiFlow | null> =>
  (await callV1<ApiFlowAnswer>(`/flows/${encodeURIComponent(name)}`)).flow;

/** Only over the flow of this etag. */
export const saveFlow = ({ name, etag }: ApiFlow, definition: string): Promise<ApiFlow> =>
  callV1(`/flows/${encodeURIComponent(name)}`, { method: "POST", body: { definition, etag } });
