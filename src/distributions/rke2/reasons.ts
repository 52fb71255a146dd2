import type { Change } from '../../engine/contract/stage.ts'

/** Why a stage has work, told from its changes: what each host lacks first. Empty without changes of hosts. */
export function reasonOf(changes: readonly Change[]): string {
  const told = new Set<string>()
  const restarted = new Set(
    changes.flatMap(({ effect, target }) => (effect === 'restart' && target.endsWith('/service') ? [target] : [])),
  )
  const hosts = (part: string, effect?: Change['effect']): string[] => {
    const found = changes
      .filter(change => effect === undefined || change.effect === effect)
      .flatMap(({ target }) => {
        const [kind, host, of] = target.split('/')
        return kind === 'node' && host !== undefined && of === part && !told.has(host) ? [host] : []
      })
    for (const host of found) told.add(host)
    return found
  }
  const fresh = hosts('config', 'create')
  const [live, still] = partition(hosts('config'), host => restarted.has(`node/${host}/service`))
  return [
    say(fresh, 'is not in the cluster yet', 'are not in the cluster yet'),
    say(
      live,
      'has other settings than wanted: they are changed, and its service is restarted',
      'have other settings than wanted: they are changed, and their services are restarted',
    ),
    say(still, 'has other settings than wanted', 'have other settings than wanted'),
    say(hosts('file'), 'has other files of yours than wanted', 'have other files of yours than wanted'),
    say(hosts('service', 'restart'), 'runs with earlier settings', 'run with earlier settings'),
    say(hosts('service'), 'does not run its service', 'do not run their services'),
    say(hosts('membership'), 'is not ready', 'are not ready'),
  ]
    .filter(part => part !== '')
    .join('; ')
}

function partition<Item>(items: readonly Item[], isFirst: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(isFirst), items.filter(item => !isFirst(item))]
}

const longest = 5

function say(hosts: readonly string[], one: string, several: string): string {
  if (hosts.length === 0) return ''
  if (hosts.length > longest) return `${hosts.length} machines ${several}`
  return `${hosts.join(', ')} ${hosts.length === 1 ? one : several}`
}
