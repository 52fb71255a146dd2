/**
 * `slipway nodes demo | head -1`: the reader has gone, and that is no error. A result that cannot be written is one
 * (`> /dev/full`). Talk that nobody hears is none, whatever the cause: it must not end the work on a run. Nor must a
 * terminal that was closed (EIO): the signal that comes with it says what to do.
 */
export function tolerateGoneReaders(): void {
  process.stdout.on('error', error => {
    const code = 'code' in error ? error.code : undefined
    if (code === 'EPIPE') process.exit(process.exitCode)
    if (code === 'EIO') return
    process.stderr.write(`slipway: standard output cannot be written: ${error.message}\n`)
    process.exit(1)
  })
  process.stderr.on('error', () => {})
}
