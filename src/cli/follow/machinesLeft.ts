import { type Machine, machineShape } from '../../contract/machines.ts'
import { exitCodes } from '../../domain/errors.ts'
import { allPages } from '../client/allPages.ts'
import type { Connected } from '../client/withServer.ts'
import { say } from '../terminal.ts'

/**
 * Does what takes nodes out of a cluster, and tells which machines nobody uses any more: they cost what they cost before.
 * Gives the exit code.
 */
export async function tellingMachinesLeft(
  { client }: Connected,
  cluster: string,
  { dryRun = false }: { readonly dryRun?: boolean },
  work: () => Promise<number>,
): Promise<number> {
  if (dryRun) return work()
  const machines = () => allPages(client, '/machines', machineShape, {})
  const before = namesOf(await machines(), use => use?.cluster === cluster)
  const exit = await work()
  if (before.length === 0 || (exit !== exitCodes.done && exit !== exitCodes.incomplete)) return exit
  const left = namesOf(await machines(), use => use === null).filter(name => before.includes(name))
  if (left.length > 0) say(`Not used any more, and still there: slipway machine destroy ${left.join(' ')}`)
  return exit
}

const namesOf = (machines: readonly Machine[], isMeant: (use: Machine['use']) => boolean): readonly string[] =>
  machines.filter(({ use }) => isMeant(use)).map(({ name }) => name)
