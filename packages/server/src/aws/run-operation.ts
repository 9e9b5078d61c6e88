import type { OperationName } from "./generated/api-model.ts";
import type { Operation, OperationContext } from "./operation.ts";
import { OPERATIONS } from "./operations/index.ts";

/** The input was read by the model of this very operation, which is what its type says. */
export function runOperation<Name extends OperationName>(
  name: Name,
  input: object,
  context: OperationContext,
): Promise<unknown> {
  const operation = OPERATIONS[name] as Operation<Name>;
  return operation(input as Parameters<typeof operation>[0], context);
}
