/** What is wrong inside a file of items. Thrown by the readers of formats, which know rows but not the file's name. */
export class DamagedData extends Error {
  override readonly name = "DamagedData";
  /** `row 7`, where it is known. */
  readonly place: string | undefined;

  constructor(message: string, place?: string, cause?: unknown) {
    super(message, { cause });
    this.place = place;
  }
}
