import { clusterFile } from '../cluster.ts'
import type { Path } from './plainTree.ts'

/** Whether a text would be right at this place, as far as that can be told of the value alone. */
export function fitsQuoted(path: Path, text: string): boolean {
  // A file of nothing but this value: what is missing beside it is found at other places.
  const alone = path.reduceRight<unknown>(
    (inner, step) => (typeof step === 'number' ? [inner] : { [step]: inner }),
    text,
  )
  const place = path.map(step => (typeof step === 'number' ? 0 : step))
  const read = clusterFile.safeParse(alone)
  return read.success || !read.error.issues.some(issue => place.every((step, index) => issue.path[index] === step))
}
