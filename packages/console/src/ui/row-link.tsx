import { useRouter } from "@tanstack/react-router";
import type { MouseEvent, ReactElement, ReactNode } from "react";

/** A page of one thing, and what it is called in the router's path. */
const PLACES = {
  run: { to: "/runs/$id", param: "id", path: "runs" },
  machine: { to: "/machines/$name", param: "name", path: "machines" },
} as const;

export interface RowLinkProps {
  readonly page: keyof typeof PLACES;
  /** Of the run or the machine, as in URLs. */
  readonly id: string;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A link in a row of a table: the router's own costs a third of a row, which counts where there are many. */
export function RowLink({ page, id, className, children }: RowLinkProps): ReactElement {
  const router = useRouter();
  const { to, param, path } = PLACES[page];
  const place = { to, params: { [param]: id } as never };
  const follow = (event: MouseEvent) => {
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!isPlain || event.defaultPrevented) return;
    event.preventDefault();
    void router.navigate(place);
  };
  const href = `/console/${path}/${encodeURIComponent(id).replaceAll("%3A", ":")}`;
  return (
    <a href={href} className={className} onClick={follow} onPointerEnter={() => void router.preloadRoute(place)}>
      {children}
    </a>
  );
}
