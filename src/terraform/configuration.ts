import { isAbsolute } from 'node:path'
import { SlipwayError } from '../domain/errors.ts'

/** Where plugins come from; null: from wherever the command finds them by itself. */
export interface PluginSource {
  /** Folder with the layout of a mirror: HOST/NAMESPACE/TYPE/VERSION/OS_ARCH. Nothing is fetched then. */
  readonly mirror: string | null
}

/** From SLIPWAY_TERRAFORM_PLUGINS. @throws SlipwayError `file-unreadable` for one that is relative: to what? */
export function pluginSource(environment: NodeJS.ProcessEnv = process.env): PluginSource {
  const mirror = environment['SLIPWAY_TERRAFORM_PLUGINS'] || null
  if (mirror === null || isAbsolute(mirror)) return { mirror }
  throw new SlipwayError('file-unreadable', `SLIPWAY_TERRAFORM_PLUGINS is ${mirror}, which is no absolute path`, {
    remedy: 'Name the folder of the mirror by its absolute path.',
  })
}

/** A command's own configuration file: the mirror is the only place of plugins, as behind an air gap. */
export const configurationText = (mirror: string): string =>
  [
    'disable_checkpoint = true',
    'provider_installation {',
    '  filesystem_mirror {',
    `    path = ${JSON.stringify(mirror)}`,
    '  }',
    '}',
    '',
  ].join('\n')
