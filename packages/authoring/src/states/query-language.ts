/** How a state, or a whole machine, refers to data. */
export const QueryLanguage = { JSON_PATH: "JSONPath", JSONATA: "JSONata" } as const;
export type QueryLanguage = (typeof QueryLanguage)[keyof typeof QueryLanguage];
