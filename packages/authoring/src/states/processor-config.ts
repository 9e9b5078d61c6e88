export const ProcessorMode = { INLINE: "INLINE", DISTRIBUTED: "DISTRIBUTED" } as const;
export type ProcessorMode = (typeof ProcessorMode)[keyof typeof ProcessorMode];

export const ProcessorType = { STANDARD: "STANDARD", EXPRESS: "EXPRESS" } as const;
export type ProcessorType = (typeof ProcessorType)[keyof typeof ProcessorType];

/** How a Map runs its item processor. */
export interface ProcessorConfig {
  /** `INLINE` unless said otherwise. */
  readonly mode?: ProcessorMode;
  /** Of the child executions of a distributed Map. */
  readonly executionType?: ProcessorType;
}
