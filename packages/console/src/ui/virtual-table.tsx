/**
 * A table of any length: only the rows in sight are in the document. Rows have one height; the keyboard walks along them
 * (arrows, j and k, Home and End), Enter opens. Semantics are a table's, with the count of all its rows.
 */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, memo, type ReactElement, type ReactNode, useEffect, useRef } from "react";

export interface Column<Row> {
  readonly id: string;
  readonly head: ReactNode;
  /** A CSS grid track: `120px`, `minmax(160px, 2fr)`. */
  readonly width: string;
  readonly cell: (row: Row) => ReactNode;
  readonly align?: "end";
}

export interface VirtualTableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string | number;
  readonly rowHeight?: number;
  readonly activeKey?: string | number | undefined;
  /** A row was reached by keyboard or clicked. */
  readonly onActivate?: (row: Row) => void;
  readonly onOpen?: (row: Row) => void;
  /** The last rows are near. */
  readonly onEnd?: () => void;
  /** Below the active row, when it is wanted. */
  readonly expanded?: (row: Row) => ReactNode;
  readonly rowClass?: (row: Row) => string;
  /** No cell wraps: rows need not be measured, but for those that were expanded. */
  readonly isFixed?: boolean;
  readonly footer?: ReactNode;
}

const OVERSCAN = 12;
/** Between two rows. */
const LINE = 1;
const NEAR_END_ROWS = 20;

export function VirtualTable<Row>(props: VirtualTableProps<Row>): ReactElement {
  const { label, columns, rows, rowKey, rowHeight = 34, activeKey, onActivate, onOpen, onEnd, footer } = props;
  const { isFixed = false, expanded } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const activeIndex = activeKey === undefined ? -1 : rows.findIndex((row) => rowKey(row) === activeKey);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight + LINE,
    overscan: OVERSCAN,
    getItemKey: (index) => rowKey(rows[index] as Row),
  });
  const items = virtual.getVirtualItems();
  const opened = useRef(new Set<string | number>());
  if (activeKey !== undefined && expanded !== undefined) opened.current.add(activeKey);
  const lastShown = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (onEnd !== undefined && lastShown >= rows.length - NEAR_END_ROWS) onEnd();
  }, [lastShown, rows.length, onEnd]);
  useEffect(() => {
    if (activeIndex >= 0) virtual.scrollToIndex(activeIndex, { align: "auto" });
  }, [activeIndex, virtual]);

  const activate = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (row !== undefined) onActivate?.(row);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLElement && event.target.closest("input, button, a, textarea") !== null) {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    }
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: activeIndex + 1,
      j: activeIndex + 1,
      ArrowUp: activeIndex - 1,
      k: activeIndex - 1,
      Home: 0,
      End: rows.length - 1,
      PageDown: activeIndex + 15,
      PageUp: activeIndex - 15,
    };
    const next = steps[event.key];
    const active = rows[activeIndex];
    if (next !== undefined) activate(next);
    else if (event.key === "Enter" && active !== undefined) onOpen?.(active);
    else return;
    event.preventDefault();
  };
  const latest = useRef(props);
  latest.current = props;
  const template = columns.map(({ width }) => width).join(" ");
  return (
    <div className="vtable-scroll" ref={scroller} role="region" aria-label={label} onKeyDown={onKeyDown}>
      <div className="vtable" role="table" aria-label={label} aria-rowcount={rows.length + 1}>
        <div className="vtable-head" role="rowgroup">
          {/* biome-ignore lint/a11y/useFocusableInteractive: the scroller has the focus */}
          <div className="vtable-row" role="row" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
            {columns.map(({ id, head, align }) => (
              // biome-ignore lint/a11y/useFocusableInteractive: see above
              <div key={id} role="columnheader" className={align === "end" ? "cell cell-end" : "cell"}>
                {head}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" className="vtable-body" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => (
            <Item
              key={item.key}
              row={rows[item.index] as Row}
              index={item.index}
              start={item.start}
              active={item.index === activeIndex}
              columns={columns}
              template={template}
              rowHeight={rowHeight}
              table={latest as TableRef<unknown>}
              measure={!isFixed || opened.current.has(item.key as string | number) ? virtual.measureElement : undefined}
            />
          ))}
        </div>
      </div>
      {footer}
    </div>
  );
}

type TableRef<Row> = { readonly current: VirtualTableProps<Row> };

interface ItemProps {
  readonly row: unknown;
  readonly index: number;
  readonly start: number;
  readonly active: boolean;
  readonly columns: readonly Column<never>[];
  readonly template: string;
  readonly rowHeight: number;
  readonly table: TableRef<unknown>;
  readonly measure: ((element: HTMLElement | null) => void) | undefined;
}

/** One row. It is drawn again only when it changed: scrolling draws the rows that come into sight and no others. */
const Item = memo(function Item(props: ItemProps): ReactElement {
  const { index, start, active, template, rowHeight, table, measure } = props;
  const row = props.row as never;
  const { rowClass, expanded } = table.current as unknown as VirtualTableProps<never>;
  return (
    <div
      data-index={index}
      ref={measure}
      className="vtable-item"
      style={{ transform: `translateY(${start}px)` }}
      role="presentation"
    >
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the scroller hears the keys */}
      <div
        role="row"
        tabIndex={-1}
        aria-rowindex={index + 2}
        className={`vtable-row${active ? " is-active" : ""} ${rowClass?.(row) ?? ""}`}
        style={{ gridTemplateColumns: template, minHeight: rowHeight }}
        onClick={(event) => {
          if (event.target instanceof HTMLElement && event.target.closest("a, button, input") !== null) return;
          (table.current as unknown as VirtualTableProps<never>).onActivate?.(row);
        }}
        onDoubleClick={() => (table.current as unknown as VirtualTableProps<never>).onOpen?.(row)}
      >
        {props.columns.map(({ id, cell, align }) => (
          <div key={id} role="cell" className={align === "end" ? "cell cell-end" : "cell"}>
            {cell(row)}
          </div>
        ))}
      </div>
      {active && expanded !== undefined && (
        // biome-ignore lint/a11y/useFocusableInteractive: what it holds is reached by itself
        <div role="row">
          <div role="cell" aria-colspan={props.columns.length}>
            {expanded(row)}
          </div>
        </div>
      )}
    </div>
  );
});
