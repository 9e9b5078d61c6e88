// Three stacks as `cdk init` writes them today. `npm run synth` makes cdk.out, which `stepwell deploy cdk.out` deploys.
import { App } from "aws-cdk-lib";
import { FunctionsStack } from "./functions-stack.ts";
import { StorageStack } from "./storage-stack.ts";
import { WorkflowsStack } from "./workflows-stack.ts";

const app = new App({
  outdir: process.argv[2] ?? "cdk.out",
  analyticsReporting: false,
  // cdk.out is committed: no tree, and no places of this machine.
  treeMetadata: false,
  stackTraces: false,
  context: {
    "aws:cdk:disable-creation-stack-traces": true,
    "@aws-cdk/aws-stepfunctions:useDistributedMapResultWriterV2": true,
  },
});

const storage = new StorageStack(app, "OrdersStorage");
const functions = new FunctionsStack(app, "OrdersFunctions", { table: storage.table });
new WorkflowsStack(app, "OrdersWorkflows", { storage, functions });
app.synth();
