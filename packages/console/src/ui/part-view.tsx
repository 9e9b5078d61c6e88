import { type ComponentType, lazy, type ReactElement, useState } from "react";
import type { Part } from "../app/part.ts";

/** React keeps what was loaded with the component that `lazy` gives: one for each part. */
const later = new WeakMap<object, unknown>();

function laterOf<Props extends object>(part: Part<ComponentType<Props>>): ComponentType<Props> {
  const known = later.get(part) as ComponentType<Props> | undefined;
  if (known !== undefined) return known;
  const made = lazy(() => part.load().then((component) => ({ default: component }))) as ComponentType<Props>;
  later.set(part, made);
  return made;
}

export interface PartViewProps<Props extends object> {
  readonly part: Part<ComponentType<Props>>;
  readonly props: Props;
}

/**
 * Draws a part at once when it is loaded, where `lazy` always shows the fallback first: React then keeps that on the screen
 * for 300 ms.
 */
export function PartView<Props extends object>({ part, props }: PartViewProps<Props>): ReactElement {
  const [Shown] = useState(() => part.loaded() ?? laterOf(part));
  return <Shown {...props} />;
}
