import { isAbsolute } from 'node:path'

/** Where plugins come from; null: from wherever the command finds them by itself. */
export interface PluginSource {
  /** Folder with the layout of a mirror: HOST/NAMESPACE/TYPE/VERSION/OS_ARCH. Nothing is fetched then. */
  readonly mirror: string | null
}

/** From SLIPWAY_TERRAFORM_PLUGINS. */
export function pluginSource(environment: NodeJS.ProcessEnv = process.env): PluginSource {
  const mirror = environment['SLIPWAY_TERRAFORM_PLUGINS'] || null
  return { mirror: mirror !== null && isAbsolute(mirror) ? mirror : null }
}

/** A command's own configuration file. With a mirror it is the only place, as behind an air gap. */
export const configurationText = ({ mirror }: PluginSource): string =>
  [
    'disable_checkpoint = true',
    ...(mirror === null
      ? []
      : ['provider_installation {', '  filesystem_mirror {', `    path = ${JSON.stringify(mirror)}`, '  }', '}']),
    '',
  ].join('\n')
