import type { State } from "../definition/state-machine.ts";
import { choice } from "./choice.ts";
import { fail } from "./fail.ts";
import { map } from "./map.ts";
import { parallel } from "./parallel.ts";
import { pass } from "./pass.ts";
import type { StateKind } from "./state-kind.ts";
import { succeed } from "./succeed.ts";
import { task } from "./task.ts";
import { wait } from "./wait.ts";

/** Every state type, in the order AWS names them. A forgotten one is a compile error. */
export const STATE_KINDS: { readonly [T in State["type"]]: StateKind<Extract<State, { type: T }>> } = {
  Task: task,
  Wait: wait,
  Pass: pass,
  Succeed: succeed,
  Fail: fail,
  Choice: choice,
  Parallel: parallel,
  Map: map,
};
