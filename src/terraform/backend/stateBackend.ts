import { createHash } from 'node:crypto'
import type { Json } from '../../contract/json.ts'
import { type BackendType, backendTypes } from './types.ts'
import { isSecretName, loginIn, placeIn, texts } from './settings.ts'

/** Where the states of machines are kept, when that is not the database. */
export interface StateBackend {
  /** `pg` */
  readonly type: string
  /** For people, without secrets: `pg (db.example.com:5432/terraform)`. */
  readonly title: string
  /** 16 hex characters: the same for the same place, whoever logs in to it and how. */
  readonly fingerprint: string
  /** It has workspaces of its own. Else each machine has a place by its settings. */
  readonly workspaces: boolean
  /** Its locks end with the connection of the one who has taken them. */
  readonly locksEnd: boolean
  /** Its settings for one workspace. */
  settings(workspace: string): Readonly<Record<string, Json>>
  /** Variables that it reads. */
  readonly environment: Readonly<Record<string, string>>
  /** What nobody may see of it. */
  readonly secrets: readonly string[]
}

/** Stands in the settings of a backend without workspaces where the name of one belongs. */
export const placeholder = '{workspace}'

/** @param environment of the server: what its kind reads of it goes to the command. */
export function stateBackend(
  type: string,
  settings: Readonly<Record<string, Json>>,
  environment: NodeJS.ProcessEnv,
): StateBackend {
  const known: BackendType = backendTypes[type] ?? { where: {}, reads: /^$/, workspaces: true, locksEnd: false }
  const passed = Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value !== undefined && known.reads.test(name) ? [[name, value] as const] : [],
    ),
  )
  const places = Object.entries(known.where).flatMap(([name, variable]) => {
    const value = settings[name] ?? (variable === null ? undefined : passed[variable])
    return typeof value === 'string' && value !== '' ? [[name, placeIn(value)] as const] : []
  })
  const shown = places.map(([, place]) => place).join('/')
  return {
    type,
    title: shown === '' ? type : `${type} (${shown})`,
    fingerprint: createHash('sha256')
      .update(JSON.stringify([type, places]))
      .digest('hex')
      .slice(0, 16),
    workspaces: known.workspaces,
    locksEnd: known.locksEnd,
    settings: workspace => (known.workspaces ? settings : filled(settings, workspace)),
    environment: passed,
    secrets: secretsOf(settings, passed),
  }
}

const filled = (settings: Readonly<Record<string, Json>>, workspace: string): Readonly<Record<string, Json>> =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replaceAll(placeholder, workspace) : value,
    ]),
  )

function secretsOf(
  settings: Readonly<Record<string, Json>>,
  passed: Readonly<Record<string, string>>,
): readonly string[] {
  const all = [...texts(settings), ...Object.entries(passed)]
  return [
    ...new Set(all.flatMap(([name, value]) => (isSecretName(name) ? [value, ...loginIn(value)] : loginIn(value)))),
  ]
}

/** Text without what nobody may see of a backend. */
export const hidden = ({ secrets }: StateBackend, text: string): string =>
  secrets.toSorted((a, b) => b.length - a.length).reduce((rest, secret) => rest.replaceAll(secret, '••••'), text)
