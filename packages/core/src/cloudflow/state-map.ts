/**
 * Map of the new language (cloudflow.md 6.2). Inline: iterations of this execution. Distributed, when it has a ProcessorConfig or another
 * field of that mode: child executions, of which the specification has the limits and the names of a map run, and Alibaba's page
 * "Distributed mode" the fields. What that page leaves open of objects in OSS is refused.
 */
import type { Json, JsonObject } from "../json.ts";
import { defined } from "./error-names.ts";
import { pathText } from "./expression-text.ts";
import type { FlowNode } from "./flow-findings.ts";
import { expressionOf } from "./flow-states.ts";
import { errorHandling } from "./state-errors.ts";
import type { StateSite, StatesCompiler } from "./states-flow.ts";

/** cloudflow.md 6.2 and 9. */
const ITERATIONS_AT_ONCE_MAX = 40;
const CHILDREN_AT_ONCE_MAX = 100;
const ITEMS_MAX = 10_000;
const INPUT_BYTES_MAX = 65_536;

const DISTRIBUTED_FIELDS = [
  "ProcessorConfig",
  "ItemConstructor",
  "ItemBatcher",
  "MaxItems",
  "ToleratedFailedCount",
  "ToleratedFailedPercentage",
  "ItemReader",
  "ResultWriter",
];

/** Objects in OSS: how they are named is not documented well enough to be read or written. */
const OSS_FIELDS = ["ItemReader", "ResultWriter"];

export function compileMap(compiler: StatesCompiler, site: StateSite): void {
  const { node } = site;
  const processor = node.child("Processor", true);
  const isDistributed = DISTRIBUTED_FIELDS.some((field) => node.has(field)) || processor?.has("ProcessorConfig");
  const items = itemsOf(compiler, site);
  const mode = isDistributed ? distributed(compiler, site, processor) : inline(compiler, site, processor);
  const output = compiler.text.plain ? '{"Items": $states.result}' : "$fnfMapItems($states.result)";
  const rest = {
    ...errorHandling(compiler, site),
    ...compiler.leaving(site, output, output),
    ...compiler.after(site),
  };
  if (items === undefined || mode === undefined) return;
  site.writer.put(site.state, { Type: "Map", Items: expressionOf(mode.items(items)), ...mode.fields, ...rest });
}

interface Mode {
  /** JSONata for the items, of that for what ItemsPath gives. */
  readonly items: (found: string) => string;
  readonly fields: JsonObject;
}

function itemsOf(compiler: StatesCompiler, { node, name }: StateSite): string | undefined {
  const path = node.text("ItemsPath", true);
  return path && node.expression("ItemsPath", () => compiler.text.expression(path, { state: name }));
}

function concurrencyOf(node: FlowNode, most: number): number {
  const range = { min: 0, max: most };
  const wanted = node.number("MaxConcurrency", range) ?? node.number("MaxConcuccency", range);
  return wanted === undefined || wanted === 0 ? most : wanted;
}

function inline(compiler: StatesCompiler, site: StateSite, processor: FlowNode | undefined): Mode | undefined {
  const MaxConcurrency = concurrencyOf(site.node, ITERATIONS_AT_ONCE_MAX);
  const block = processor && compiler.scope(processor, site.state, site.depth + 1);
  if (block === undefined) return undefined;
  return {
    items: (found) => compiler.text.checked("fnfObjectItems", found),
    fields: { MaxConcurrency, ItemProcessor: block },
  };
}

function distributed(compiler: StatesCompiler, site: StateSite, processor: FlowNode | undefined): Mode | undefined {
  const { node } = site;
  for (const field of OSS_FIELDS) {
    if (node.has(field)) {
      node.refuse(
        `${field} of a distributed Map: objects in OSS cannot be used here; give the items by ItemsPath, take them as output`,
        field,
      );
    }
  }
  if (compiler.type === "EXPRESS") node.refuse("a distributed Map is not possible in the Express mode");
  const type = executionType(node, processor);
  const block = processor && compiler.inMode(type, () => compiler.scope(processor, site.state, site.depth + 1));
  const selector = itemConstructor(compiler, site);
  const batcher = itemBatcher(compiler, site);
  const itemsMax = node.number("MaxItems", { min: 1, max: ITEMS_MAX });
  const count = node.number("ToleratedFailedCount", { min: 0, max: ITEMS_MAX });
  const percentage = node.number("ToleratedFailedPercentage", { min: 0, max: 100, whole: false });
  const MaxConcurrency = concurrencyOf(node, CHILDREN_AT_ONCE_MAX);
  if (block === undefined) return undefined;
  return {
    items: (found) => {
      if (compiler.text.plain) return itemsMax === undefined ? found : `[(${found})[[0..${itemsMax - 1}]]]`;
      // What is constructed or put into a batch is an object, whatever the items are.
      const isAnyItem = selector !== undefined || batcher !== undefined;
      return `$fnfChildItems(${found}, ${itemsMax ?? "null"}, ${ITEMS_MAX}, ${isAnyItem})`;
    },
    fields: defined({
      MaxConcurrency,
      ToleratedFailureCount: count,
      ToleratedFailurePercentage: percentage,
      ItemSelector: selector,
      ItemBatcher: batcher,
      ItemProcessor: { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: type }, ...block },
    }),
  };
}

/** At the Map or at its Processor; `Standard`, as for flows, when it is not said. */
function executionType(node: FlowNode, processor: FlowNode | undefined): "STANDARD" | "EXPRESS" {
  const config = node.child("ProcessorConfig") ?? processor?.child("ProcessorConfig");
  const mode = config?.text("ExecutionMode") ?? "";
  if (mode === "" || mode === "Standard") return "STANDARD";
  if (mode === "Express") return "EXPRESS";
  config?.refuse(`ExecutionMode must be Standard or Express, got '${mode}'`, "ExecutionMode");
  return "STANDARD";
}

/** Each item anew, seen as `$Item`. */
function itemConstructor(compiler: StatesCompiler, { node, name }: StateSite): Json | undefined {
  const place = { state: name, item: pathText("$states.context", ["Map", "Item", "Value"], compiler.text.plain) };
  return compiler.constructed({ node }, "ItemConstructor", place);
}

function itemBatcher(compiler: StatesCompiler, { node, name }: StateSite): JsonObject | undefined {
  const batcher = node.child("ItemBatcher");
  if (batcher === undefined) return undefined;
  if (!batcher.has("MaxItemsPerBatch") && !batcher.has("MaxInputBytesPerBatch")) {
    batcher.refuse("one of MaxItemsPerBatch and MaxInputBytesPerBatch is required");
  }
  const items = batcher.number("MaxItemsPerBatch", { min: 1, max: ITEMS_MAX });
  const bytes = batcher.number("MaxInputBytesPerBatch", { min: 1, max: INPUT_BYTES_MAX });
  const BatchInput = compiler.constructed({ node: batcher }, "BatchInput", { state: name });
  return defined({ MaxItemsPerBatch: items, MaxInputBytesPerBatch: bytes ?? INPUT_BYTES_MAX, BatchInput });
}
