import type { ReactElement } from "react";
export function MapRunPage(): ReactElement {
  return <p>MapRunPage</p>;
}
