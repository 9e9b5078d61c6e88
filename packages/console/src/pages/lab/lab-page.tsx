import type { ReactElement } from "react";
export function LabPage(): ReactElement {
  return <p>LabPage</p>;
}
