/** The parts every page is made of: its head, tabs, empty places, copy buttons, fields. */
import { Link } from "@tanstack/react-router";
import { Fragment, type ReactElement, type ReactNode, useEffect, useState } from "react";
import { announce } from "./announce.ts";
import { Icon, type IconName } from "./icon.tsx";

export interface Crumb {
  readonly label: string;
  readonly to: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly search?: Readonly<Record<string, string>>;
}

export interface PageHeadProps {
  readonly title: string;
  readonly crumbs?: readonly Crumb[];
  /** Beside the title: a status, a type. */
  readonly beside?: ReactNode;
  readonly actions?: ReactNode;
}

export function PageHead({ title, crumbs = [], beside, actions }: PageHeadProps): ReactElement {
  useEffect(() => {
    document.title = `${title} · Stepwell`;
  }, [title]);
  return (
    <header className="page-head">
      <div className="page-title">
        {crumbs.length > 0 && (
          <nav className="crumbs" aria-label="Breadcrumbs">
            {crumbs.map((crumb, index) => (
              <Fragment key={crumb.label}>
                {index > 0 && <Icon name="chevron" size={11} />}
                <Link
                  to={crumb.to}
                  {...(crumb.params && { params: crumb.params as never })}
                  {...(crumb.search && { search: crumb.search as never })}
                >
                  {crumb.label}
                </Link>
              </Fragment>
            ))}
          </nav>
        )}
        <h1>
          <span className="ellipsis" title={title}>
            {title}
          </span>
          {beside}
        </h1>
      </div>
      {actions !== undefined && <div className="actions">{actions}</div>}
    </header>
  );
}

export interface TabItem {
  readonly id: string;
  readonly label: string;
  readonly count?: number | undefined;
}

export interface TabsProps {
  readonly label: string;
  readonly items: readonly TabItem[];
  readonly current: string;
  readonly onSelect: (id: string) => void;
}

/** Arrow keys walk along the tabs; the panel is the caller's. */
export function Tabs({ label, items, current, onSelect }: TabsProps): ReactElement {
  const move = (by: number) => {
    const at = items.findIndex(({ id }) => id === current);
    const next = items[(at + by + items.length) % items.length];
    if (next === undefined) return;
    onSelect(next.id);
    document.getElementById(`tab-${next.id}`)?.focus();
  };
  return (
    <div
      className="tabs"
      role="tablist"
      aria-label={label}
      onKeyDown={({ key }) => {
        if (key === "ArrowRight") move(1);
        if (key === "ArrowLeft") move(-1);
      }}
    >
      {items.map(({ id, label: text, count }) => (
        <button
          key={id}
          id={`tab-${id}`}
          type="button"
          role="tab"
          className="tab"
          aria-selected={id === current}
          tabIndex={id === current ? 0 : -1}
          onClick={() => onSelect(id)}
        >
          {text}
          {count !== undefined && <span className="tab-count">{count}</span>}
        </button>
      ))}
    </div>
  );
}

export interface EmptyProps {
  readonly icon?: IconName;
  readonly title: string;
  readonly children?: ReactNode;
}

export function Empty({ icon = "circle", title, children }: EmptyProps): ReactElement {
  return (
    <div className="empty">
      <Icon name={icon} size={22} />
      <p className="empty-title">{title}</p>
      {children !== undefined && <div className="empty-text">{children}</div>}
    </div>
  );
}

export function Loading({ what = "Loading" }: { readonly what?: string }): ReactElement {
  return (
    <div className="loading" role="status">
      <Icon name="running" /> {what}…
    </div>
  );
}

export interface CopyButtonProps {
  readonly text: string | (() => string);
  readonly label: string;
  readonly small?: boolean;
  readonly icon?: IconName;
}

const COPIED_MS = 1_500;

export function CopyButton({ text, label, small = false, icon = "copy" }: CopyButtonProps): ReactElement {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(typeof text === "string" ? text : text());
    setCopied(true);
    announce("Copied");
    setTimeout(() => setCopied(false), COPIED_MS);
  };
  return (
    <button
      type="button"
      className={small ? "icon-button" : "button"}
      aria-label={small ? label : undefined}
      title={label}
      onClick={() => void copy()}
    >
      <Icon name={copied ? "check" : icon} size={14} />
      {!small && <span>{copied ? "Copied" : label}</span>}
    </button>
  );
}

/** Saves a text as a file. */
export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  URL.revokeObjectURL(url);
}
