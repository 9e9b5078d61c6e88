import type { ReactElement } from "react";
export function EditorPage(): ReactElement {
  return <p>EditorPage</p>;
}
