import type { ReactElement } from "react";
import { PageHead } from "../../ui/page.tsx";
import { RunsTable } from "./runs-table.tsx";

export function RunsPage(): ReactElement {
  return (
    <div className="page">
      <PageHead title="Runs" />
      <RunsTable />
    </div>
  );
}
