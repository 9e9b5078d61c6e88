export * from "./catalog/resolved-machine.ts";
export * from "./executions/executions.ts";
export * from "./ports/clock.ts";
export * from "./ports/connector.ts";
export * from "./rejection.ts";
