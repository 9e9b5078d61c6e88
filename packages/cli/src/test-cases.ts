import { type MockConfig, testCaseOf } from "@stepwell/connectors";
import { type Catalog, Rejection } from "@stepwell/engine";

/**
 * A catalog in which `<state machine ARN>#<test case>` is the state machine: what AWS Step Functions Local starts
 * executions with whose tasks are mocked. The execution remembers it as the alias it was started through.
 */
export function withTestCases(catalog: Catalog, mocks: () => MockConfig): Catalog {
  return {
    ...catalog,
    resolve: async (arn, chance) => {
      const machineArn = machineOf(arn, mocks());
      const resolved = await catalog.resolve(machineArn ?? arn, chance);
      return machineArn === undefined ? resolved : { ...resolved, stateMachineAliasArn: arn };
    },
    typeOf: (arn) => catalog.typeOf(machineOf(arn, mocks()) ?? arn),
  };
}

/** Undefined for an ARN without a test case; throws for a test case that is not configured. */
function machineOf(arn: string, { StateMachines }: MockConfig): string | undefined {
  const { name, testCase, stateMachineArn } = testCaseOf(arn);
  if (name === undefined || testCase === undefined) return undefined;
  const machine = Object.hasOwn(StateMachines, name) ? StateMachines[name] : undefined;
  if (machine !== undefined && Object.hasOwn(machine.TestCases, testCase)) return stateMachineArn;
  throw new Rejection("InvalidArn", `Invalid Arn: 'The mock configuration has no test case ${testCase} of ${name}'`);
}
