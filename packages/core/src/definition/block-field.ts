import { isJsonObject, type Json } from "../json.ts";
import { type Field, type FieldSite, type FieldTable, readObject } from "./field.ts";
import { mistyped, oneOf } from "./field-kinds.ts";
import type { StateMachineType, StatesBlock } from "./state-machine.ts";

/** A branch of a Parallel. */
export function block(): Field<StatesBlock> {
  return {
    compile(value, site) {
      if (!isJsonObject(value)) return mistyped("Object", site);
      return site.context.parseBlock(value, site.state, site.path, {
        separateExecution: false,
        type: site.state.type,
        processor: false,
      });
    },
  };
}

export interface Processor {
  readonly block: StatesBlock;
  /** Present when the Map is distributed: what its children run as. */
  readonly executionType?: StateMachineType;
}

const PROCESSOR_CONFIG_FIELDS = {
  Mode: oneOf(["INLINE", "DISTRIBUTED"]),
  ExecutionType: oneOf(["STANDARD", "EXPRESS"]),
} satisfies FieldTable;

/** The processor of a Map: `ItemProcessor` or, by its old name, `Iterator`. */
export function processor(): Field<Processor> {
  return {
    compile(value, site) {
      if (!isJsonObject(value)) return mistyped("Object", site);
      const config = Object.hasOwn(value, "ProcessorConfig") ? value["ProcessorConfig"] : undefined;
      const executionType = config === undefined ? undefined : childrensType(config, site);
      const parsed = site.context.parseBlock(value, site.state, site.path, {
        separateExecution: executionType !== undefined,
        type: executionType ?? site.state.type,
        processor: true,
      });
      if (parsed === undefined) return undefined;
      return { block: parsed, ...(executionType !== undefined && { executionType }) };
    },
  };
}

/** What a Distributed Map's children run as; `undefined` for an inline Map. */
function childrensType(config: Json, site: FieldSite): StateMachineType | undefined {
  const { findings } = site.context;
  const path = [...site.path, "ProcessorConfig"];
  const fields = readObject(PROCESSOR_CONFIG_FIELDS, [], config, { ...site, path });
  if (fields?.Mode !== "DISTRIBUTED") return undefined;
  if (site.state.type === "EXPRESS") {
    findings.schemaError("Express state machine does not support Map state in DISTRIBUTED mode", [...path, "Mode"]);
  }
  if (isJsonObject(config) && !Object.hasOwn(config, "ExecutionType")) {
    findings.schemaError("These fields are required: [ExecutionType]", path);
  }
  return fields.ExecutionType ?? "STANDARD";
}
