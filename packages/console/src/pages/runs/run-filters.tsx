/** The facets of a search and its saved views. Texts go to the URL when typing rests. */
import { type ReactElement, useEffect, useRef, useState } from "react";
import { useUrlState } from "../../app/url-state.ts";
import { listIn, stringifySearch, type UrlState } from "../../app/url-text.ts";
import { Icon } from "../../ui/icon.tsx";
import { useShortcuts } from "../../ui/keys.ts";
import { useLocal, writeLocal } from "../../ui/local.ts";
import { statusLook } from "../../ui/status.tsx";
import { RUN_STATUSES, SEARCH_MEMBERS } from "./run-query.ts";

const REST_MS = 300;

export function RunFilters({ machine }: { readonly machine?: string | undefined }): ReactElement {
  const [url, setUrl] = useUrlState();
  const statuses = listIn(url["status"]);
  const [inside, setInside] = useState(url["path"] !== undefined);
  const nameField = useRef<HTMLInputElement>(null);
  useShortcuts("Runs", [{ keys: "/", does: "Search by name", run: () => nameField.current?.focus() }]);
  const toggle = (status: string) => {
    const next = statuses.includes(status) ? statuses.filter((each) => each !== status) : [...statuses, status];
    setUrl({ status: next.join(",") });
  };
  const filtered = SEARCH_MEMBERS.some((member) => url[member] !== undefined);
  return (
    <div className="stack">
      <div className="row">
        <div className="chips" role="group" aria-label="Status">
          {RUN_STATUSES.map((status) => {
            const { word, icon, tone } = statusLook(status);
            return (
              <button
                key={status}
                type="button"
                className="chip"
                aria-pressed={statuses.includes(status)}
                onClick={() => toggle(status)}
              >
                <span className={`status status-quiet tone-${tone}`}>
                  <Icon name={icon === "running" ? "play" : icon} size={12} />
                </span>
                {word}
              </button>
            );
          })}
        </div>
        <select
          aria-label="Started within"
          value={url["since"] ?? ""}
          onChange={({ target }) => setUrl({ since: target.value })}
        >
          <option value="">Any time</option>
          <option value="15m">15 minutes</option>
          <option value="1h">1 hour</option>
          <option value="24h">24 hours</option>
          <option value="7d">7 days</option>
          <option value="30d">30 days</option>
          {!["", "15m", "1h", "24h", "7d", "30d"].includes(url["since"] ?? "") && (
            <option value={url["since"]}>{url["since"]}</option>
          )}
        </select>
      </div>
      <div className="row">
        <TextFilter member="name" label="Name begins with" width={190} field={nameField} />
        {machine === undefined && <TextFilter member="machine" label="Machine" width={150} />}
        <TextFilter member="error" label="Error holds" width={150} />
        {inside ? (
          <>
            <select
              aria-label="Search inside"
              value={url["in"] ?? "input"}
              onChange={({ target }) => setUrl({ in: target.value })}
            >
              <option value="input">in input</option>
              <option value="output">in output</option>
            </select>
            <TextFilter member="path" label="$.path" width={150} mono />
            <span aria-hidden="true">=</span>
            <TextFilter member="equals" label="Value (JSON)" width={150} mono />
          </>
        ) : (
          <button type="button" className="button" onClick={() => setInside(true)}>
            <Icon name="search" size={13} /> Inside input or output
          </button>
        )}
        {filtered && (
          <button
            type="button"
            className="button"
            onClick={() => {
              setInside(false);
              setUrl(Object.fromEntries(SEARCH_MEMBERS.map((member) => [member, undefined])));
            }}
          >
            Clear
          </button>
        )}
        <span className="grow" />
        <SavedViews url={url} canSave={filtered} onShow={(view) => setUrl(viewState(view), { push: true })} />
      </div>
    </div>
  );
}

interface TextFilterProps {
  readonly member: (typeof SEARCH_MEMBERS)[number];
  readonly label: string;
  readonly width: number;
  readonly mono?: boolean;
  readonly field?: React.RefObject<HTMLInputElement | null>;
}

function TextFilter({ member, label, width, mono = false, field }: TextFilterProps): ReactElement {
  const [url, setUrl] = useUrlState();
  const shown = url[member] ?? "";
  const [text, setText] = useState(shown);
  const told = useRef(shown);
  useEffect(() => {
    if (shown !== told.current) {
      told.current = shown;
      setText(shown);
    }
  }, [shown]);
  useEffect(() => {
    if (text === told.current) return undefined;
    const timer = setTimeout(() => {
      told.current = text;
      setUrl({ [member]: text });
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [text, member, setUrl]);
  return (
    <input
      {...(field && { ref: field })}
      type="search"
      className={mono ? "mono" : ""}
      aria-label={label}
      placeholder={label}
      style={{ width }}
      spellCheck={false}
      value={text}
      onChange={({ target }) => setText(target.value)}
    />
  );
}

interface SavedView {
  readonly name: string;
  readonly search: string;
}

const isViews = (value: unknown): value is readonly SavedView[] =>
  Array.isArray(value) && value.every((view) => typeof view?.name === "string" && typeof view?.search === "string");
const NO_VIEWS: readonly SavedView[] = [];
const VIEWS_MAX = 30;

const viewState = ({ search }: SavedView): UrlState => {
  const members = new URLSearchParams(search);
  return Object.fromEntries(SEARCH_MEMBERS.map((member) => [member, members.get(member) ?? undefined]));
};

interface SavedViewsProps {
  readonly url: UrlState;
  readonly canSave: boolean;
  readonly onShow: (view: SavedView) => void;
}

function SavedViews({ url, canSave, onShow }: SavedViewsProps): ReactElement {
  const views = useLocal("views", NO_VIEWS, isViews);
  const [naming, setNaming] = useState(false);
  const search = stringifySearch(Object.fromEntries(SEARCH_MEMBERS.map((member) => [member, url[member]])));
  const save = (name: string) => {
    setNaming(false);
    if (name.trim() === "") return;
    writeLocal(
      "views",
      [{ name: name.trim(), search }, ...views.filter((view) => view.name !== name)].slice(0, VIEWS_MAX),
    );
  };
  return (
    <div className="row">
      {views.length > 0 && (
        <select
          aria-label="Saved views"
          value={views.find((view) => view.search === search)?.name ?? ""}
          onChange={({ target }) => {
            const view = views.find(({ name }) => name === target.value);
            if (view !== undefined) onShow(view);
          }}
        >
          <option value="">Saved views…</option>
          {views.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
      {views.some((view) => view.search === search) && (
        <button
          type="button"
          className="button"
          onClick={() =>
            writeLocal(
              "views",
              views.filter((view) => view.search !== search),
            )
          }
        >
          Forget view
        </button>
      )}
      {naming ? (
        <input
          // biome-ignore lint/a11y/noAutofocus: it appears because its button was pressed
          autoFocus
          aria-label="Name of the view"
          placeholder="Name, then Enter"
          style={{ width: 140 }}
          onKeyDown={(event) => {
            if (event.key === "Enter") save(event.currentTarget.value);
            if (event.key === "Escape") setNaming(false);
          }}
          onBlur={() => setNaming(false)}
        />
      ) : (
        canSave && (
          <button type="button" className="button" onClick={() => setNaming(true)}>
            <Icon name="star" size={13} /> Save view
          </button>
        )
      )}
    </div>
  );
}
