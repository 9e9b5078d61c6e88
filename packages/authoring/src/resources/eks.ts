export interface ICluster {
  readonly clusterName: string;
  readonly clusterEndpoint: string;
  /** Base64. */
  readonly clusterCertificateAuthorityData: string;
}
