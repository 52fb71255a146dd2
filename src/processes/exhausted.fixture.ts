import { openSync } from 'node:fs'
import { toSlipwayError } from '../domain/errors.ts'
import { markerEnvironment } from './environment.ts'
import { runProcess } from './run.ts'

/** Uses up every file that it may open, starts a process, and says what became of it. */
await runProcess('true', [], { environment: markerEnvironment({ worker: 'exhausted' }) })
try {
  for (;;) openSync('/dev/null', 'r')
} catch {
  const code = await runProcess('true', [], { environment: markerEnvironment({ worker: 'exhausted' }) }).then(
    () => 'started',
    (error: unknown) => toSlipwayError(error).code,
  )
  console.log(code)
}
