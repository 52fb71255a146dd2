import type { Family, Range } from './address.ts'
import { Refused } from './refusal.ts'

/** Arguments of a program by name. RKE2 takes them with or without hyphens before them; of repeated ones the last counts. */
export function controllerArguments(args: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    args.map(argument => {
      const [, name = '', value = 'true'] = /^(?:--)?([^=]*)(?:=(.*))?$/s.exec(argument) ?? []
      return [name, value]
    }),
  )
}

/** How kube-controller-manager divides the ranges of pods: the prefix that a node gets, by family. Throws Refused. */
export function nodeMasks(cluster: readonly Range[], given: ReadonlyMap<string, string>): (family: Family) => number {
  const flag = '--node-cidr-mask-size'
  const refuse = (message: string) => {
    throw new Refused(`usage of ${message}`, 'kube-controller-manager')
  }
  const number = (name: string) => Number(given.get(name.slice(2)) ?? 0)
  const [any, four, six] = [number(flag), number(`${flag}-ipv4`), number(`${flag}-ipv6`)]
  if (cluster.length > 1) {
    if (any !== 0) refuse(`${flag} is not allowed with dual-stack clusters`)
  } else if (any !== 0) {
    if (four !== 0 || six !== 0) refuse(`${flag}-ipv4 and ${flag}-ipv6 is not allowed if ${flag} is set`)
  } else {
    const family = cluster[0]?.family
    if (four !== 0 && family === 6) refuse(`${flag}-ipv4 is not allowed for a single-stack IPv6 cluster`)
    if (six !== 0 && family === 4) refuse(`${flag}-ipv6 is not allowed for a single-stack IPv4 cluster`)
  }
  return family => any || (family === 4 ? four || 24 : six || 64)
}
