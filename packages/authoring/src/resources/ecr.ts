export interface IRepository {
  /** Without a tag. */
  readonly repositoryUri: string;
}
