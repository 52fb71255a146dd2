import { readFile, stat } from 'node:fs/promises'
import { SlipwayError } from '../domain/errors.ts'
import { callHelm, type HelmSurroundings } from './command.ts'
import { toldByHelm } from './told.ts'

/**
 * A chart that lies on this machine, packed; its folder is packed by Helm.
 * @param path absolute. @throws SlipwayError `chart-unavailable`; as `callHelm` says.
 */
export async function readLocalChart(path: string, around: HelmSurroundings): Promise<Uint8Array> {
  const unavailable = (why: string) => new SlipwayError('chart-unavailable', `${path}: ${why}`)
  const found = await stat(path).catch(() => null)
  if (!found) throw unavailable('there is no such file or folder')
  if (!found.isDirectory()) return readFile(path)
  const { exitCode, stderr, packed } = await callHelm(['package', path], {}, around, /\.tgz$/)
  if (exitCode === 0 && packed) return packed
  throw unavailable(toldByHelm(stderr))
}
