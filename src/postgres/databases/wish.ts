/** What is to be on a PostgreSQL server; whatever else is there stays as it is. */
export interface DatabasesWish {
  readonly roles: readonly RoleWish[]
  readonly databases: readonly DatabaseWish[]
}

export interface RoleWish {
  readonly name: string
  readonly login: boolean
  /** In clear; null: it gets none, and whatever it has stays. */
  readonly password: string | null
  /** Whether it was another one until now: a server that does not tell what it has is not taken to have it. */
  readonly isNew?: boolean
}

export interface DatabaseWish {
  readonly name: string
  /** Null: whoever makes it, and whoever has it. */
  readonly owner: string | null
  readonly extensions: readonly ExtensionWish[]
}

export interface ExtensionWish {
  readonly name: string
  /** Null: the one that the server brings, and whichever is there. */
  readonly version: string | null
}

/** What is there, of what is wished for. */
export interface ObservedDatabases {
  readonly me: {
    readonly name: string
    readonly superuser: boolean
    readonly makesRoles: boolean
    readonly makesDatabases: boolean
  }
  readonly roles: ReadonlyMap<string, ObservedRole>
  readonly databases: ReadonlyMap<string, ObservedDatabase>
  /** Versions of the extensions that the server brings. */
  readonly available: ReadonlyMap<string, readonly string[]>
}

export interface ObservedRole {
  readonly login: boolean
  /** Whether we may give it what we make. */
  readonly mine: boolean
  /** Whether it has no password for certain: nobody has set one. */
  readonly bare: boolean
  /** Whether the password that is wished for is the one that it has; null: there is none, or nobody can tell. */
  readonly passwordFits: boolean | null
}

export interface ObservedDatabase {
  readonly owner: string
  /** Versions of the extensions in it, by their names. */
  readonly extensions: ReadonlyMap<string, string>
}
