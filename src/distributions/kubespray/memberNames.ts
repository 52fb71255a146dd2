/**
 * What members of etcd are called, by hostname: whoever has a name keeps it, whoever comes gets the number after the
 * highest that there ever was. Pure.
 * @param hosts of members, in the file's order.
 * @param recorded all names that were ever given out in this cluster.
 */
export function memberNames(
  hosts: readonly string[],
  recorded: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const numbers = [...recorded.values()].map(name => Number(/^etcd(\d+)$/.exec(name)?.[1] ?? 0))
  let last = Math.max(0, ...numbers)
  return new Map(hosts.map(host => [host, recorded.get(host) ?? `etcd${++last}`]))
}
