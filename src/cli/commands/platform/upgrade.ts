import type { Command } from 'commander'
import { type Finding, SlipwayError } from '../../../domain/errors.ts'
import { shellWord } from '../../../domain/placeholders.ts'
import { platformFiles } from '../../../platform/chartFiles.ts'
import { isOci } from '../../../platform/chartSource.ts'
import { withServer } from '../../client/withServer.ts'
import { operate, type OperateOptions, withOperation } from '../../follow/operate.ts'
import { acceptOptions } from '../../follow/takeUp.ts'
import { readKeyFile } from '../../keyFileInput.ts'
import type { Surroundings } from '../../surroundings.ts'

interface UpgradeOptions extends OperateOptions {
  readonly version?: string
  readonly chart?: string
  readonly repository?: string
  readonly digest?: string
}

export function defineUpgrade(group: Command, surroundings: Surroundings): void {
  const command = group.command('upgrade').description('bring another version of a component or chart')
  withOperation(command)
    .argument('<cluster>', 'a cluster on record')
    .argument('<component>', 'a component or chart, by its name')
    .option('--version <version>', 'of the chart, as it is published')
    .option('--chart <chart>', 'a packed chart or its folder, oci://HOST/PATH, or with --repository its name there')
    .option('--repository <url>', 'chart repository that has it')
    .option('--digest <digest>', 'sha256:… of the packed chart; another one is refused')
    .addHelpText(
      'after',
      `
The desired state has this version from then on, and is applied to this component alone, with what it needs. The plan shows
from which version it goes to which, and each value that changes. Passwords that a chart has made stay. An older version is
brought in the same way; slipway platform rollback goes back without any chart.

An apply of a cluster file that still says the earlier version does not bring it back unless that is accepted.

Examples:
  slipway platform upgrade demo operator-grafana --version 5.24.0
  slipway platform upgrade demo shop --chart ./shop-4.0.2.tgz --dry-run
  slipway platform upgrade demo cache --chart oci://registry.example/charts/cache --version 1.9.3
`,
    )
    .action(async (cluster: string, component: string, options: UpgradeOptions) => {
      const { version = null, chart = null, repository = null, digest = null } = options
      if ([version, chart, repository, digest].every(one => one === null))
        throw new SlipwayError('usage', 'say what it is to be: --version, --chart, --repository or --digest')
      const isFile = chart !== null && repository === null && !isOci({ chart })
      const files = isFile ? await chartFile(component, chart) : {}
      const operation = { operation: 'platform-upgrade', component, version, chart, repository, digest, files } as const
      const words = [
        ...[cluster, component].map(shellWord),
        ...Object.entries({ version, chart, repository, digest }).flatMap(([name, value]) =>
          value === null ? [] : [`--${name} ${shellWord(value)}`],
        ),
        ...acceptOptions(options.accept),
      ]
      process.exitCode = await withServer(surroundings, connected =>
        operate(connected, { cluster, operation, command: `slipway platform upgrade ${words.join(' ')}` }, options),
      )
    })
}

/** @throws SlipwayError `cluster-file-invalid` for what is no packed chart. */
async function chartFile(component: string, chart: string): Promise<Readonly<Record<string, string>>> {
  const [key] = platformFiles({ charts: [{ name: component, chart }] })
  if (!key) throw new TypeError('a chart that is a file is one')
  const { text, findings } = await readKeyFile(key, process.cwd(), {
    findingAt: (_path, found): Finding => ({ severity: 'error', about: chart, ...found }),
  })
  if (findings.length === 0) return { [chart]: text }
  throw new SlipwayError('cluster-file-invalid', `${chart}: ${findings[0]?.message}`, {
    findings,
    remedy: 'Name a packed chart. One of a repository needs its URL as well: --repository.',
  })
}
