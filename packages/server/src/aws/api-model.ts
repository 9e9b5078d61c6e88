/** The parts of AWS's API model that say what a request may contain. See generated/api-model.ts. */
export interface ApiModel<Operation extends string = string> {
  /** The structure that is the input of each operation. */
  readonly inputs: { readonly [name in Operation]: string };
  readonly shapes: { readonly [name: string]: Shape };
}

/** Other shapes are referred to by name. Lengths are in UTF-16 units, for lists in elements. */
export interface Shape {
  readonly type: string;
  readonly members?: { readonly [member: string]: string };
  readonly required?: readonly string[];
  readonly member?: string;
  readonly key?: string;
  readonly value?: string;
  readonly enum?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  /** The value is never shown in an error. */
  readonly sensitive?: boolean;
}
