import type { Construct } from "../construct.ts";
import type { Fields } from "../fields/field-utils.ts";
import type { ITable } from "../resources/dynamodb.ts";
import {
  IntegrationPattern,
  integrationResourceArn,
  type TaskCall,
  TaskStateBase,
  type TaskStateBaseProps,
} from "../states/task-state-base.ts";
import {
  attributeMap,
  type DynamoAttributes,
  type DynamoConsumedCapacity,
  type DynamoItemCollectionMetrics,
  type DynamoProjectionExpression,
  type DynamoReturnValues,
} from "./dynamodb-values.ts";

interface DynamoTaskProps extends TaskStateBaseProps {
  readonly table: ITable;
  readonly expressionAttributeNames?: { readonly [alias: string]: string };
  /** None unless said otherwise. */
  readonly returnConsumedCapacity?: DynamoConsumedCapacity;
}
interface DynamoWriteProps extends DynamoTaskProps {
  readonly conditionExpression?: string;
  readonly expressionAttributeValues?: DynamoAttributes;
  readonly returnItemCollectionMetrics?: DynamoItemCollectionMetrics;
  readonly returnValues?: DynamoReturnValues;
}
export interface DynamoGetItemProps extends DynamoTaskProps {
  readonly key: DynamoAttributes;
  /** False unless said otherwise. */
  readonly consistentRead?: boolean;
  readonly projectionExpression?: readonly DynamoProjectionExpression[];
}
export interface DynamoPutItemProps extends DynamoWriteProps {
  readonly item: DynamoAttributes;
}
export interface DynamoUpdateItemProps extends DynamoWriteProps {
  readonly key: DynamoAttributes;
  readonly updateExpression?: string;
}
export interface DynamoDeleteItemProps extends DynamoWriteProps {
  readonly key: DynamoAttributes;
}

abstract class DynamoTask extends TaskStateBase {
  readonly #action: string;

  constructor(scope: Construct, id: string, props: DynamoTaskProps, action: string) {
    super(scope, id, props);
    this.#action = action;
    this.pattern(IntegrationPattern.REQUEST_RESPONSE);
  }

  protected abstract readonly parameters: Fields;

  protected renderCall(): TaskCall {
    return { resource: integrationResourceArn("dynamodb", this.#action), parameters: this.parameters };
  }
}

/** Reads an item. */
export class DynamoGetItem extends DynamoTask {
  protected readonly parameters: Fields;

  constructor(scope: Construct, id: string, props: DynamoGetItemProps) {
    super(scope, id, props, "getItem");
    const projection = props.projectionExpression?.map(String).join(",");
    this.parameters = {
      Key: attributeMap(props.key),
      TableName: props.table.tableName,
      ConsistentRead: props.consistentRead ?? false,
      ExpressionAttributeNames: props.expressionAttributeNames,
      ProjectionExpression: projection,
      ReturnConsumedCapacity: props.returnConsumedCapacity,
    };
  }
}

/** Writes an item. */
export class DynamoPutItem extends DynamoTask {
  protected readonly parameters: Fields;

  constructor(scope: Construct, id: string, props: DynamoPutItemProps) {
    super(scope, id, props, "putItem");
    this.parameters = { Item: attributeMap(props.item), ...writeParameters(props) };
  }
}

/** Changes an item. */
export class DynamoUpdateItem extends DynamoTask {
  protected readonly parameters: Fields;

  constructor(scope: Construct, id: string, props: DynamoUpdateItemProps) {
    super(scope, id, props, "updateItem");
    this.parameters = {
      Key: attributeMap(props.key),
      ...writeParameters(props),
      UpdateExpression: props.updateExpression,
    };
  }
}

/** Deletes an item. */
export class DynamoDeleteItem extends DynamoTask {
  protected readonly parameters: Fields;

  constructor(scope: Construct, id: string, props: DynamoDeleteItemProps) {
    super(scope, id, props, "deleteItem");
    this.parameters = { Key: attributeMap(props.key), ...writeParameters(props) };
  }
}

function writeParameters(props: DynamoWriteProps): Fields {
  return {
    TableName: props.table.tableName,
    ConditionExpression: props.conditionExpression,
    ExpressionAttributeNames: props.expressionAttributeNames,
    ExpressionAttributeValues: attributeMap(props.expressionAttributeValues),
    ReturnConsumedCapacity: props.returnConsumedCapacity,
    ReturnItemCollectionMetrics: props.returnItemCollectionMetrics,
    ReturnValues: props.returnValues,
  };
}
