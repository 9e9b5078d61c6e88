/** What was stored by a newer release in a format that this one does not know. It stays as it is. */
export class NewerFormat extends Error {
  override readonly name = "NewerFormat";

  constructor(what: string, format: number, known: number) {
    super(`a ${what} has format ${format}, this release reads up to ${known}: a newer release wrote it`);
  }
}
