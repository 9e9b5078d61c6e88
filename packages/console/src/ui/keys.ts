/**
 * Keyboard shortcuts. A page registers what it listens to; the newest registration wins. Nothing is heard while somebody
 * types in a field, or while a dialog is open that did not register itself.
 */
import { useEffect, useRef, useSyncExternalStore } from "react";

export interface Shortcut {
  /** `j`, `?`, `ctrl+k`, or two in a row: `g r`. */
  readonly keys: string;
  readonly does: string;
  readonly run: () => void;
  /** Heard in fields too. */
  readonly everywhere?: boolean;
}

interface Group {
  readonly name: string;
  readonly shortcuts: () => readonly Shortcut[];
}

let groups: readonly Group[] = [];
const listeners = new Set<() => void>();
let first: { readonly key: string; readonly at: number } | undefined;

const CHORD_MS = 1_000;

function setGroups(next: readonly Group[]): void {
  groups = next;
  for (const listener of listeners) listener();
}

/** Registers shortcuts while mounted. */
export function useShortcuts(name: string, shortcuts: readonly Shortcut[]): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    const group: Group = { name, shortcuts: () => latest.current };
    setGroups([...groups, group]);
    return () => setGroups(groups.filter((each) => each !== group));
  }, [name]);
}

/** For the help: what can be pressed now. */
export function useShortcutGroups(): readonly Group[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => groups,
  );
}

/** Nobody types in a slider or a box to tick: after them the keys of the page are heard. */
const TYPED_IN =
  'input:not([type="range"], [type="checkbox"], [type="radio"]), textarea, select, [contenteditable], .code-host';

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest(TYPED_IN) !== null;
}

function nameOf(event: KeyboardEvent): string {
  const modifier = event.ctrlKey || event.metaKey ? "ctrl+" : event.altKey ? "alt+" : "";
  return `${modifier}${event.key.length === 1 ? event.key.toLowerCase() : event.key}`;
}

/** Hears the keys of the whole page; called once, gives what stops it. */
export function hearKeys(): () => void {
  const onKey = (event: KeyboardEvent) => {
    const key = nameOf(event);
    const chord = first !== undefined && event.timeStamp - first.at < CHORD_MS ? `${first.key} ${key}` : undefined;
    const typing = isTyping(event.target);
    const inDialog = document.querySelector("dialog[open]") !== null;
    const known = groups.flatMap((group) => group.shortcuts()).reverse();
    const found = known.find(
      ({ keys, everywhere = false }) => (keys === chord || keys === key) && (everywhere || !(typing || inDialog)),
    );
    first = typing || found !== undefined ? undefined : { key, at: event.timeStamp };
    if (found === undefined || event.defaultPrevented) return;
    event.preventDefault();
    found.run();
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}
