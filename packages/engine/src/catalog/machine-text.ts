/** Remembers what machines were parsed from, as long as they are there: on another thread they are parsed once more. */
import { mapRunMachine, parseStateMachine, type StateMachine } from "@stepwell/core";
import type { MachineText } from "../ports/work-threads.ts";

const texts = new WeakMap<StateMachine, MachineText>();

export function noteMachineText(machine: StateMachine, text: MachineText): void {
  texts.set(machine, text);
}

/** `undefined` for a machine that was made otherwise: nobody else can make it. */
export function machineTextOf(machine: StateMachine): MachineText | undefined {
  return texts.get(machine);
}

/** The children of a Map of this machine. States have different names throughout a definition: the last name is enough. */
export function childMachineText(text: MachineText, mapState: string): MachineText {
  const base = text.mapState === undefined ? text.key : text.key.slice(0, -text.mapState.length - 1);
  return { ...text, key: `${base}#${mapState}`, mapState };
}

/** The machine of a text that was parsed before. */
export function machineFromText({ definition, options, mapState }: MachineText): StateMachine {
  const parsed = parseStateMachine(definition, options);
  if (!parsed.ok) throw new Error("a definition that was accepted before is refused now");
  return mapState === undefined ? parsed.machine : mapRunMachine(parsed.machine, mapState);
}
