import { bounds } from './bounds/index.ts'

/** Measures the one bound that is named, and prints its figures as JSON. */
const bound = bounds.find(({ name }) => name === process.argv[2])
if (!bound) throw new Error(`there is no bound ${process.argv[2]}`)
process.stdout.write(JSON.stringify(await bound.measure()), () => process.exit(0))
