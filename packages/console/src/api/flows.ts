/** Flows of CloudFlow in their own text; machines that are none answer 404. */
import type { ApiFlow } from "@stepwell/server";
import { ApiFailure, callV1 } from "./http.ts";

export type { ApiFlow } from "@stepwell/server";

/** Null for a state machine that is no flow, and where CloudFlow is not served. */
export async function getFlow(name: string): Promise<ApiFlow | null> {
  try {
    return await callV1<ApiFlow>(`/flows/${encodeURIComponent(name)}`);
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 404) return null;
    throw error;
  }
}

/** Only over the flow of this etag. */
export const saveFlow = ({ name, etag }: ApiFlow, definition: string): Promise<ApiFlow> =>
  callV1(`/flows/${encodeURIComponent(name)}`, { method: "POST", body: { definition, etag } });
