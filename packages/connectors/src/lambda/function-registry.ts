import type { CallableFunction } from "../functions/invocation.ts";
import type { FunctionReference } from "./function-reference.ts";
import { parseFunctionReference } from "./function-reference.ts";

interface Entry {
  readonly key: string;
  readonly reference: FunctionReference;
  readonly target: CallableFunction;
}

/**
 * Which function of `stepwell.yaml` serves a name. A key serves every call that agrees with all it says: `Pay` serves
 * every region, account, version and alias of Pay, `Pay:7` only version 7. The key that says most wins.
 */
export class FunctionRegistry {
  readonly #byName = new Map<string, Entry[]>();

  /** Replaces what the key had, and returns it. Throws when the key names no function. */
  set(key: string, target: CallableFunction): CallableFunction | undefined {
    const reference = parseFunctionReference(key);
    if (reference === undefined) throw new Error(`functions.${key}: must be a function's name or ARN`);
    const replaced = this.delete(key);
    const entries = this.#byName.get(reference.name) ?? [];
    this.#byName.set(reference.name, [...entries, { key, reference, target }]);
    return replaced;
  }

  /** Forgets a key, and returns what it had. */
  delete(key: string): CallableFunction | undefined {
    const name = parseFunctionReference(key)?.name ?? "";
    const entries = this.#byName.get(name) ?? [];
    const kept = entries.filter((entry) => entry.key !== key);
    if (kept.length === 0) this.#byName.delete(name);
    else this.#byName.set(name, kept);
    return entries.find((entry) => entry.key === key)?.target;
  }

  find(called: FunctionReference): CallableFunction | undefined {
    let best: { readonly score: number; readonly target: CallableFunction } | undefined;
    for (const { reference, target } of this.#byName.get(called.name) ?? []) {
      const score = agreement(reference, called);
      if (score !== undefined && score > (best?.score ?? -1)) best = { score, target };
    }
    return best?.target;
  }

  targets(): CallableFunction[] {
    return [...this.#byName.values()].flatMap((entries) => entries.map(({ target }) => target));
  }
}

/** How much a key says; undefined when the call contradicts it. A call by bare name contradicts no region and no account. */
function agreement(key: FunctionReference, called: FunctionReference): number | undefined {
  if (key.region !== undefined && called.region !== undefined && key.region !== called.region) return undefined;
  if (key.accountId !== undefined && called.accountId !== undefined && key.accountId !== called.accountId)
    return undefined;
  if (key.qualifier !== undefined && key.qualifier !== (called.qualifier ?? "$LATEST")) return undefined;
  return (
    (key.qualifier === undefined ? 0 : 4) + (key.region === undefined ? 0 : 1) + (key.accountId === undefined ? 0 : 1)
  );
}
