import type { Path } from './plainTree.ts'
import type { FileShape } from './shape.ts'

/** Whether a text would be right at this place, as far as that can be told of the value alone. */
export function fitsQuoted({ file }: FileShape, path: Path, text: string): boolean {
  // A file of nothing but this value: what is missing beside it is found at other places.
  const alone = path.reduceRight<unknown>(
    (inner, step) => (typeof step === 'number' ? [inner] : { [step]: inner }),
    text,
  )
  const place = path.map(step => (typeof step === 'number' ? 0 : step))
  const read = file.safeParse(alone)
  return read.success || !read.error.issues.some(issue => place.every((step, index) => issue.path[index] === step))
}
