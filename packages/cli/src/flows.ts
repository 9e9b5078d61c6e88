/** CloudFlow on a Stepwell: its control plane, what its tasks call, its schedules, and the reports its executions owe. */

import { type FlowsApi, FlowTasks, type MessageEndpoints } from "@stepwell/connectors";
import {
  type AwsIdentity,
  type CatalogStore,
  type Clock,
  type Connector,
  createFlowReports,
  createFlows,
  createSchedules,
  type ExecutionEngine,
  type ExecutionStore,
  type Flow,
  type FlowReports,
  type Flows,
  type Ids,
  internalName,
  Rejection,
  type Schedules,
  type TaskRequest,
} from "@stepwell/engine";

export interface FlowSettings {
  /** URLs that messages go to: `queues/<name>` or `topics/<name>`, `*` for any name. */
  readonly messages?: MessageEndpoints;
  /** Hosts, addresses and networks that HTTP:Request may call though they are not public. */
  readonly allow?: readonly string[];
  /** How long a Standard execution may take; absent: for ever. */
  readonly executionSecondsMax?: number;
}

export interface FlowPorts extends FlowSettings {
  readonly catalogStore: CatalogStore;
  readonly executionStore: Pick<ExecutionStore, "list" | "delete">;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly identity: AwsIdentity;
  /** Asked only when something runs, long after it was made. */
  readonly engine: () => ExecutionEngine;
  readonly connectorFor: (request: TaskRequest) => Connector | undefined;
  readonly onProblem: (problem: unknown, about: string) => void;
}

export interface ComposedFlows {
  readonly flows: Flows;
  readonly schedules: Schedules;
  readonly reports: FlowReports;
  readonly tasks: FlowTasks;
  /** From now on schedules start executions and ends are reported. */
  run(): void;
  stop(): Promise<void>;
}

export function composeFlows(ports: FlowPorts): ComposedFlows {
  const { catalogStore: store, executionStore, clock, ids, identity, engine, onProblem } = ports;
  const flows = createFlows({
    store,
    executionStore,
    executions: { stateMachineDeleted: (arn, name) => engine().stateMachineDeleted(arn, name) },
    clock,
    ids,
    identity,
    ...(ports.executionSecondsMax === undefined ? {} : { executionSecondsMax: ports.executionSecondsMax }),
  });
  const executions = {
    start: (request: Parameters<ExecutionEngine["start"]>[0]) => engine().start(request),
    describe: (arn: string) => engine().describe(arn),
    watch: (arn: string, after: number, signal: AbortSignal) => engine().watch(arn, after, signal),
    sendTaskSuccess: (token: string, output: string) => engine().sendTaskSuccess(token, output),
    sendTaskFailure: (token: string, error?: string, cause?: string) => engine().sendTaskFailure(token, error, cause),
  };
  const reports = createFlowReports({ store, executions, clock, ids, onProblem });
  const schedules = createSchedules({ store, flows, executions, clock, ids, onProblem });
  const tasks = new FlowTasks({
    flows: flowsApi(flows, engine),
    lambda: (request) => ports.connectorFor(request),
    onProblem,
    ...(ports.allow === undefined ? {} : { allow: ports.allow }),
    ...(ports.messages === undefined ? {} : { messages: ports.messages }),
  });
  return {
    flows,
    schedules,
    reports,
    tasks,
    run() {
      reports.run();
      schedules.run();
    },
    async stop() {
      await schedules.stop();
      await reports.stop();
    },
  };
}

/** Flows as the tasks of flows start them. */
function flowsApi(flows: Flows, engine: () => ExecutionEngine): FlowsApi {
  return {
    async start(flowName, executionName, input) {
      const flow = await flows.describe(flowName);
      if (flow.executionMode !== "Standard") {
        throw new Rejection("ActionNotSupported", "Express execution is not supported");
      }
      const executionArn = executionArnOf(flow, executionName);
      try {
        return await engine().start({
          stateMachineArn: flow.stateMachineArn,
          name: internalName(flow, executionName),
          input,
        });
      } catch (error) {
        if (!(error instanceof Rejection) || error.name !== "ExecutionAlreadyExists") throw error;
        // A name in progress is that execution, whatever its input.
        const { status } = await engine().describe(executionArn);
        if (status === "RUNNING") return { executionArn };
        throw new Rejection(error.name, `Execution ${executionName} for flow ${flowName} already exists.`);
      }
    },
    describe: (executionArn) => engine().describe(executionArn),
    stop: async (executionArn) => void (await engine().stop(executionArn)),
    executionArn: async (flowName, executionName) => executionArnOf(await flows.describe(flowName), executionName),
  };
}

function executionArnOf(flow: Flow, executionName: string): string {
  return `${flow.stateMachineArn.replace(":stateMachine:", ":execution:")}:${internalName(flow, executionName)}`;
}
