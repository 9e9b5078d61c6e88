/** A native modal dialog: the browser traps the focus, Escape closes it, what is behind is inert. */
import { type ReactElement, type ReactNode, useEffect, useId, useRef } from "react";
import { Icon } from "./icon.tsx";

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly footer?: ReactNode;
  readonly wide?: boolean;
}

/** Open while mounted. */
export function Dialog({ title, onClose, children, footer, wide = false }: DialogProps): ReactElement {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (dialog !== null && !dialog.open) dialog.showModal();
  }, []);
  return (
    <dialog ref={ref} className={wide ? "dialog dialog-wide" : "dialog"} aria-labelledby={titleId} onClose={onClose}>
      <header className="dialog-head">
        <h2 id={titleId}>{title}</h2>
        <button type="button" className="icon-button" onClick={onClose} aria-label="Close">
          <Icon name="close" />
        </button>
      </header>
      <div className="dialog-body">{children}</div>
      {footer !== undefined && <footer className="dialog-foot">{footer}</footer>}
    </dialog>
  );
}

/** What went wrong, where it went wrong. */
export function Problem({ error }: { readonly error: unknown }): ReactElement | null {
  if (error === null || error === undefined) return null;
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
  return (
    <div className="problem" role="alert">
      <Icon name="warning" />
      <div>
        {code !== undefined && <strong>{code} </strong>}
        <span className="wrap">{message}</span>
      </div>
    </div>
  );
}
