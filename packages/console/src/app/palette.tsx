/** Finds pages, state machines and runs by what is typed. A combobox: arrows choose, Enter goes. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, type ReactElement, useDeferredValue, useEffect, useRef, useState } from "react";
import { idOf, machineNameOf } from "../api/arns.ts";
import { listMachines, searchExecutions } from "../api/v1.ts";
import { Icon, type IconName } from "../ui/icon.tsx";
import { setTheme } from "./theme.ts";

interface Entry {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly icon: IconName;
  readonly run: () => void;
}

const FOUND_MAX = 8;

export function Palette({ onClose }: { readonly onClose: () => void }): ReactElement {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal();
  }, []);
  const entries = useEntries(useDeferredValue(text));
  const current = entries[Math.min(at, entries.length - 1)];
  const choose = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    onClose();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt((before) => Math.min(entries.length - 1, before + 1));
    else if (event.key === "ArrowUp") setAt((before) => Math.max(0, before - 1));
    else if (event.key === "Enter") choose(current);
    else return;
    event.preventDefault();
  };
  return (
    <dialog ref={dialog} className="palette" aria-label="Find anything" onClose={onClose}>
      <div className="palette-field">
        <Icon name="search" />
        <input
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={current === undefined ? undefined : `palette-${current.id}`}
          aria-label="Find pages, state machines and runs"
          placeholder="Find pages, state machines and runs"
          value={text}
          onChange={({ target }) => {
            setText(target.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div id="palette-list" role="listbox" aria-label="Found" className="palette-list">
        {entries.map((entry) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field hears the keys
          <div
            key={entry.id}
            id={`palette-${entry.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={entry === current}
            className="palette-entry"
            onClick={() => choose(entry)}
          >
            <Icon name={entry.icon} />
            <span className="ellipsis">{entry.label}</span>
            <span className="faint">{entry.hint}</span>
          </div>
        ))}
        {entries.length === 0 && <p className="faint palette-none">Nothing is called so.</p>}
      </div>
    </dialog>
  );
}

function useEntries(text: string): readonly Entry[] {
  const navigate = useNavigate();
  const prefix = text.trim();
  const machines = useQuery({
    queryKey: ["palette-machines", prefix],
    queryFn: () => listMachines({ prefix, limit: FOUND_MAX }),
    placeholderData: (before) => before,
  });
  const runs = useQuery({
    queryKey: ["palette-runs", prefix],
    queryFn: ({ signal }) => searchExecutions({ name: prefix, limit: FOUND_MAX }, signal),
    placeholderData: (before) => before,
  });
  const go = (to: string, params: Readonly<Record<string, string>> = {}) =>
    void navigate({ to, params: params as never });
  const pages: readonly Entry[] = [
    { id: "overview", label: "Overview", hint: "page", icon: "overview", run: () => go("/") },
    { id: "machines", label: "Machines", hint: "page", icon: "machines", run: () => go("/machines") },
    { id: "runs", label: "Runs", hint: "page", icon: "runs", run: () => go("/runs") },
    { id: "waiting", label: "Waiting tasks and activities", hint: "page", icon: "waiting", run: () => go("/waiting") },
    { id: "lab", label: "Lab", hint: "page", icon: "lab", run: () => go("/lab") },
    { id: "new", label: "New state machine", hint: "action", icon: "plus", run: () => go("/new") },
    { id: "light", label: "Light colours", hint: "theme", icon: "sun", run: () => setTheme("light") },
    { id: "dark", label: "Dark colours", hint: "theme", icon: "moon", run: () => setTheme("dark") },
    { id: "auto", label: "Colours as the system", hint: "theme", icon: "auto", run: () => setTheme("auto") },
  ];
  const wanted = prefix.toLowerCase();
  const found: readonly Entry[] = [
    ...(machines.data?.items ?? []).map(
      ({ name }): Entry => ({
        id: `machine-${name}`,
        label: name,
        hint: "state machine",
        icon: "machines",
        run: () => go("/machines/$name", { name }),
      }),
    ),
    ...(runs.data?.items ?? []).map(
      ({ executionArn, name }): Entry => ({
        id: `run-${idOf(executionArn)}`,
        label: name,
        hint: `run of ${machineNameOf(executionArn)}`,
        icon: "runs",
        run: () => go("/runs/$id", { id: idOf(executionArn) }),
      }),
    ),
  ];
  const matching = pages.filter(({ label }) => label.toLowerCase().includes(wanted));
  return wanted === "" ? [...pages.slice(0, 6), ...found] : [...matching, ...found];
}
