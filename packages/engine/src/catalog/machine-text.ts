/** Remembers what machines were parsed from, as long as they are there: on another thread they are parsed once more. */
import { mapRunMachine, parseStateMachine, type StateMachine, type StatesBlock } from "@stepwell/core";
import type { MachineText } from "../ports/work-threads.ts";

interface Noted extends Pick<StateMachine, "states"> {
  readonly text: MachineText;
}

/** By what a machine begins with: it is the same in a copy that only knows whom to ask about parameters. */
const texts = new WeakMap<StatesBlock, Noted>();

export function noteMachineText({ root, states }: StateMachine, text: MachineText): void {
  texts.set(root, { states, text });
}

/** `undefined` for a machine with other states than those of a text: nobody else can make it. */
export function machineTextOf({ root, states }: StateMachine): MachineText | undefined {
  const noted = texts.get(root);
  return noted?.states === states ? noted.text : undefined;
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
