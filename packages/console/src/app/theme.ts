/** Light, dark, or as the system says; kept in localStorage. */
import { useSyncExternalStore } from "react";

export type Theme = "auto" | "light" | "dark";

const KEY = "stepwell-theme";
const listeners = new Set<() => void>();

function stored(): Theme {
  const value = localStorage.getItem(KEY);
  return value === "light" || value === "dark" ? value : "auto";
}

let theme: Theme = "auto";

function apply(next: Theme): void {
  theme = next;
  document.documentElement.style.colorScheme = next === "auto" ? "light dark" : next;
  for (const listener of listeners) listener();
}

/** Called before the first paint. */
export function initTheme(): void {
  apply(stored());
  // Canvases are drawn with colours that were read: they must be drawn again.
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => apply(theme));
}

export function setTheme(next: Theme): void {
  localStorage.setItem(KEY, next);
  apply(next);
}

export function useTheme(): Theme {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => theme,
  );
}

/** Called when colours may have changed; gives what stops it. */
export function whenThemeChanges(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A custom property's colour as canvases need it: light-dark() resolved for the page as it is now. */
export function readColours<Name extends string>(names: readonly Name[]): Readonly<Record<Name, string>> {
  const probe = document.createElement("span");
  document.body.append(probe);
  const colours = names.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color] as const;
  });
  probe.remove();
  return Object.fromEntries(colours) as Record<Name, string>;
}
