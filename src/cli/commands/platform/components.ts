import type { Command } from 'commander'
import type { ComponentInfo } from '../../../contract/platform.ts'
import { SlipwayError } from '../../../domain/errors.ts'
import { nearest } from '../../../domain/clusterFile/nearest.ts'
import { catalogueFaults } from '../../../platform/catalogue/index.ts'
import { describedComponents } from '../../../platform/described.ts'
import { say } from '../../terminal.ts'
import { type Column, type Format, printData, printLine, printRows, withOutput } from '../../output.ts'

export function defineComponents(group: Command): void {
  const command = group.command('components').description('the components that Slipway knows, or one in detail')
  withOutput(command)
    .argument('[component]', 'one of them; without it all are listed')
    .addHelpText(
      'after',
      `
What can be named in spec.platform.components of a cluster file: also those of your own, from SLIPWAY_COMPONENTS of this
machine. No cluster and no server is needed.

Examples:
  slipway platform components
  slipway platform components infra-postgres
  slipway platform components -o json | jq -r '.[].name'
`,
    )
    .action(async (name: string | undefined, { output }: { output: Format }) => {
      const all = describedComponents()
      for (const fault of catalogueFaults) say(`Not a component: ${fault}`)
      if (name === undefined) return printRows(output, all, columns)
      const found = all.find(one => one.name === name)
      if (!found) throw unknown(name, all)
      if (output === 'json' || output === 'yaml') return printData(output, found)
      for (const line of aboutLines(found)) printLine(line)
      printLine('')
      await printRows(output, found.settings, settingColumns)
    })
}

const columns: readonly Column<ComponentInfo>[] = [
  { title: 'name', value: ({ name }) => name },
  { title: 'what it is', value: ({ title }) => title },
  { title: 'needs', value: ({ needs }) => needs.join(', ') },
  { title: 'namespace', value: ({ namespace }) => namespace },
  { title: 'version', value: ({ chart }) => chart?.version },
  { title: 'layer', value: ({ layer }) => layer, wide: true },
  { title: 'chart', value: ({ chart }) => chart?.chart, wide: true },
  { title: 'required', value: ({ required }) => required, wide: true },
]

const settingColumns: readonly Column<ComponentInfo['settings'][number]>[] = [
  { title: 'setting', value: setting => setting.name },
  { title: 'value', value: ({ kind }) => kind },
  { title: 'default', value: setting => (setting.default === null ? null : JSON.stringify(setting.default)) },
  { title: 'meaning', value: ({ description }) => description },
]

function aboutLines(info: ComponentInfo): string[] {
  const { chart, min_version } = info
  const lines: readonly (readonly [string, string | null])[] = [
    ['Layer', info.layer],
    ['Needs', info.needs.join(', ') || null],
    [
      'Chart',
      chart &&
        `${chart.chart}${chart.version === null ? '' : ` ${chart.version}`}${chart.repository === null ? '' : `, from ${chart.repository}`}`,
    ],
    ['Namespace', info.namespace],
    ['Required', info.required ? 'yes: a run fails with it' : 'no: a run goes on without it and what needs it'],
    ['Time', `${info.timeout_s} s until it is ready`],
    ['Found by', info.found_by.join('; ') || null],
    ['Used from', min_version],
    ['Ready when', `these are: ${info.ready_when.join(', ')}`],
    ['Data', info.keeps_data ? 'kept in volumes of a storage class' : null],
  ]
  return [
    `${info.name}: ${info.title}`,
    ...lines.flatMap(([title, text]) => (text === null ? [] : [`${`${title}:`.padEnd(12)}${text}`])),
  ]
}

function unknown(name: string, all: readonly ComponentInfo[]): SlipwayError {
  const guess = nearest(
    name,
    all.map(one => one.name),
  )
  return new SlipwayError(
    'usage',
    `no component is called ${name}${guess === null ? '' : `; did you mean ${guess}?`}`,
    {
      remedy: guess === null ? 'List them: slipway platform components.' : `Run: slipway platform components ${guess}`,
    },
  )
}
