/** A flow of CloudFlow as its editor asks for it. */
export interface ApiFlow {
  readonly name: string;
  /** `steps`: the old language, `type: flow`; `states`: the new one. */
  readonly language: "steps" | "states";
  readonly executionMode: "Standard" | "Express";
  /** YAML or JSON, as it was given. */
  readonly definition: string;
  readonly description: string;
  /** Another one after each change. */
  readonly etag: string;
}

/** What GET /flows/:name answers: null for a state machine that is no flow, and for what does not exist. */
export interface ApiFlowAnswer {
  readonly flow: ApiFlow | null;
}

/** What POST /flows/:name takes. */
export interface ApiFlowChange {
  readonly definition: string;
  /** Saves only over the flow of this etag. */
  readonly etag?: string;
}
