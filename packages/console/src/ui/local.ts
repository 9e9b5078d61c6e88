/** What a browser remembers for one person: JSON in localStorage, bounded, and never trusted. */
import { useSyncExternalStore } from "react";

const PREFIX = "stepwell:";
const listeners = new Set<() => void>();
const parsed = new Map<string, { readonly text: string; readonly value: unknown }>();

export function readLocal<T>(key: string, otherwise: T, is: (value: unknown) => value is T): T {
  const text = localStorage.getItem(PREFIX + key);
  if (text === null) return otherwise;
  const known = parsed.get(key);
  if (known?.text === text && is(known.value)) return known.value;
  try {
    const value: unknown = JSON.parse(text);
    if (!is(value)) return otherwise;
    parsed.set(key, { text, value });
    return value;
  } catch {
    return otherwise;
  }
}

/** A full store forgets: nothing here is needed. */
export function writeLocal(key: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    localStorage.removeItem(PREFIX + key);
  }
  for (const listener of listeners) listener();
}

export function useLocal<T>(key: string, otherwise: T, is: (value: unknown) => value is T): T {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => readLocal(key, otherwise, is),
  );
}

export const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");
