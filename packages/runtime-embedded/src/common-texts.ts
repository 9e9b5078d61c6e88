import { known, type Origin } from "./execution-rows.ts";
import { Interned } from "./interned.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

/** The texts rows have in common. */
export interface CommonTexts {
  readonly scopes: Interned;
  readonly origins: Interned;
  readonly arns: Interned;
  originOf(id: number): Origin;
  /** After a transaction that was rolled back. */
  forget(): void;
}

const PARSED_MAX = 10_000;

export function commonTexts(database: Pick<SqliteConnection, "prepare">): CommonTexts {
  const origins = new Interned(database, "execution_origins", "json");
  const parsed = new Map<string, Origin>();
  const scopes = new Interned(database, "execution_scopes", "prefix", ["state_machine_arn"]);
  const arns = new Interned(database, "execution_arns", "arn");
  return {
    scopes,
    origins,
    arns,
    forget(): void {
      for (const interned of [scopes, origins, arns]) interned.forget();
    },
    originOf(id: number): Origin {
      const json = known(origins.textOf(id));
      let origin = parsed.get(json);
      if (origin === undefined) {
        if (parsed.size >= PARSED_MAX) parsed.clear();
        origin = JSON.parse(json) as Origin;
        parsed.set(json, origin);
      }
      return origin;
    },
  };
}
