/** Where the API of a cluster is, how it proves who it is, and how we do. */
export interface ApiAccess {
  /** `https://10.0.0.1:6443`, with a path where the API is served below one; no slash at its end. */
  readonly server: string
  /** PEM of the authorities its certificate is checked against; null: those that Node knows. */
  readonly ca: string | null
  /** The name its certificate must have; null: the host of `server`. */
  readonly tlsServerName: string | null
  /** Its certificate is not looked at. */
  readonly insecure: boolean
  /** `http://` or `https://`; null: none. */
  readonly proxy: string | null
  /** PEM. */
  readonly certificate: ClientCertificate | null
  /** Value of the header `authorization`. */
  readonly authorization: string | null
}

export interface ClientCertificate {
  readonly certificate: string
  readonly key: string
}
