import { stringify } from 'yaml'
import type { ComponentInfo } from '../../src/contract/platform.ts'
import { catalogue } from '../../src/platform/catalogue/index.ts'
import { describedComponent } from '../../src/platform/described.ts'
import type { Page } from './pages.ts'

/** docs/components: a page for each component of the catalogue, and a list of them. */
export function componentPages(): Page[] {
  const all = catalogue.map(component => ({
    info: describedComponent(component),
    own: new Set(Object.keys(component.settings)),
  }))
  return [
    { path: 'components/index.md', text: index(all.map(({ info }) => info)) },
    ...all.map(({ info, own }) => ({ path: `components/${info.name}.md`, text: page(info, own) })),
  ]
}

const generated = '*Generated from `src/platform/catalogue` by `make docs`.*'

const index = (all: readonly ComponentInfo[]): string => `# Components of the platform

${generated}

What Slipway knows how to put on a cluster ([how](../platform.md)). A component is there where \`spec.platform.components\` of the
cluster file names it, or one that needs it. \`slipway platform components\` lists them as well.

| component | what it is | needs | version |
|---|---|---|---|
${all.map(({ name, title, needs, chart }) => `| [${name}](${name}.md) | ${cell(title)} | ${needs.join(', ')} | ${chart?.version ?? ''} |`).join('\n')}
`

function page(info: ComponentInfo, own: ReadonlySet<string>): string {
  const { name, title, chart, found_by, min_version, ready_when, settings } = info
  const facts = [
    ['layer', info.layer],
    ['needs', info.needs.map(need => `[${need}](${need}.md)`).join(', ') || 'nothing'],
    [
      'chart',
      chart
        ? `\`${chart.chart}\` ${chart.version ?? ''}${chart.repository === null ? '' : ` of ${chart.repository}`}`
        : info.layer === 'database'
          ? 'none: it is done in what the components that it needs have brought'
          : 'none: it is made of objects of the API, by server-side apply',
    ],
    ['namespace', `\`${info.namespace}\``],
    ['required', info.required ? 'yes: a run fails with it' : 'no: where it fails, it and what needs it is left out'],
    ['data', info.keeps_data ? 'kept in volumes, whose storage class the plan shows' : 'none'],
  ]
  return `# ${name}

${generated}

${title}.

| | |
|---|---|
${facts.map(([key, value]) => `| ${key} | ${value} |`).join('\n')}

\`\`\`yaml
${example(info, own)}\`\`\`
${found_by.length > 0 ? `\n${foundText(found_by, min_version)}\n` : ''}
## When it is ready

${ready_when.map(what => `- ${what}`).join('\n')}

${info.layer === 'database' ? `It may take ${info.timeout_s} s, or \`timeout_s\`; what is done by then stays.` : `They are watched for ${info.timeout_s} s, or \`timeout_s\`; then what was seen last is told.`}

## Settings

| setting | value | default | |
|---|---|---|---|
${settings.map(one => `| \`${one.name}\` | ${cell(one.kind)} | ${one.default === null ? '' : `\`${cell(JSON.stringify(one.default))}\``} | ${cell(one.description)} |`).join('\n')}
`
}

function example({ name, namespace, settings }: ComponentInfo, own: ReadonlySet<string>): string {
  const usual = settings.filter(one => own.has(one.name) && one.default !== null)
  const set = usual.length > 0 ? Object.fromEntries(usual.map(one => [one.name, one.default])) : { namespace }
  return stringify({ spec: { platform: { components: { [name]: set } } } }, { lineWidth: 0 })
}

const foundText = (found_by: readonly string[], least: string | null): string => `## One that is there already

Looked for is, in all namespaces: ${found_by.join('; else ')}. Where somebody else has made it, it is used as it is${least === null ? '' : `, from version ${least} on (\`min_version\`)`}, and never
changed or taken out: \`slipway platform status\` calls it \`external\`.`

const cell = (text: string): string => text.replaceAll('|', '\\|')
