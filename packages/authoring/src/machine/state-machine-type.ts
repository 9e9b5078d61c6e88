export const StateMachineType = { EXPRESS: "EXPRESS", STANDARD: "STANDARD" } as const;
export type StateMachineType = (typeof StateMachineType)[keyof typeof StateMachineType];
