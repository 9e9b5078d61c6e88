import type { Construct } from "../construct.ts";
import { lastPartOf, NamedReference } from "./named-reference.ts";

export interface ITable {
  readonly tableName: string;
  readonly tableArn?: string;
}

export interface TableProps {
  readonly tableName?: string;
}

/** A table that exists elsewhere. */
export class Table extends NamedReference implements ITable {
  static fromTableName(_scope: Construct, _id: string, tableName: string): ITable {
    return { tableName };
  }
  static fromTableArn(_scope: Construct, _id: string, tableArn: string): ITable {
    return { tableName: lastPartOf(tableArn), tableArn };
  }

  constructor(scope: Construct, id: string, props: TableProps = {}) {
    super(scope, id, props.tableName);
  }

  get tableName(): string {
    return this.resourceName;
  }
  get tableArn(): string {
    return this.stack.arn("dynamodb", `table/${this.tableName}`);
  }
}
