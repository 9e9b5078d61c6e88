export interface IRestApi {
  readonly restApiId: string;
}
