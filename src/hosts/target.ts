/** A jump host on the way to a target. */
export interface JumpHost {
  /** Address or DNS name. */
  readonly host: string
  readonly port: number
  readonly user: string
  /** Private key, PEM or OpenSSH text; without it the SSH agent is used. */
  readonly identity?: string
}

/** How one host of a cluster is reached. Secrets are in memory only. */
export interface HostTarget {
  /** Unique in the cluster; the name its host key is pinned under. */
  readonly hostname: string
  /** IPv4 or IPv6, without brackets. */
  readonly address: string
  readonly port: number
  readonly user: string
  /** Private key, PEM or OpenSSH text; without it the SSH agent is used. */
  readonly identity?: string
  /** Ask the agent of this process (SSH_AUTH_SOCK); with `identity`, for that key only. Default: without `identity`. */
  readonly agent?: boolean
  /** Become root by sudo. */
  readonly sudo: boolean
  readonly sudoPassword?: string
  /** Dialled in order; the target comes after the last. */
  readonly jump: readonly JumpHost[]
}
