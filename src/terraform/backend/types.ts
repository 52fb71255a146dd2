/** A kind of backend that OpenTofu and Terraform have, as far as it matters here. */
export interface BackendType {
  /**
   * The settings that say which place it is, in the order in which people are told them, each with the variable that may
   * stand for it. What else there is of settings may change, and the states are where they were.
   */
  readonly where: Readonly<Record<string, string | null>>
  /** Variables of the environment that it reads. */
  readonly reads: RegExp
  /** It has workspaces of its own. Else its settings name a place for each machine. */
  readonly workspaces: boolean
  /** Its locks end with the connection of the one who has taken them. */
  readonly locksEnd: boolean
}

const usual = { workspaces: true, locksEnd: false } as const

/**
 * `local` is what Slipway does without any, `remote` and `cloud` are no places but services that run plans themselves, and
 * know workspaces in another way.
 */
export const backendTypes: Readonly<Record<string, BackendType>> = {
  azurerm: { ...usual, where: { storage_account_name: null, container_name: null, key: null }, reads: /^(ARM|AZURE)_/ },
  consul: { ...usual, where: { address: 'CONSUL_HTTP_ADDR', datacenter: null, path: null }, reads: /^CONSUL_/ },
  cos: { ...usual, where: { bucket: null, prefix: null, key: null }, reads: /^TENCENTCLOUD_/ },
  gcs: { ...usual, where: { bucket: null, prefix: null }, reads: /^(GOOGLE|CLOUDSDK)_/ },
  http: { ...usual, where: { address: null }, reads: /^TF_HTTP_(?!.*ADDRESS$)/, workspaces: false },
  kubernetes: {
    ...usual,
    where: {
      host: 'KUBE_HOST',
      config_path: 'KUBE_CONFIG_PATH',
      config_context: 'KUBE_CTX',
      namespace: 'KUBE_NAMESPACE',
      secret_suffix: null,
    },
    reads: /^KUBE_/,
  },
  oss: { ...usual, where: { bucket: null, prefix: null, key: null }, reads: /^(ALICLOUD|ALIBABA_CLOUD|OSS)_/ },
  pg: {
    ...usual,
    where: { conn_str: 'PG_CONN_STR', schema_name: 'PG_SCHEMA_NAME', table_name: 'PG_TABLE_NAME' },
    reads: /^PG[A-Z_]+$/,
    locksEnd: true,
  },
  s3: {
    ...usual,
    where: { endpoint: 'AWS_ENDPOINT_URL_S3', bucket: null, workspace_key_prefix: null, key: null },
    reads: /^AWS_/,
  },
}
