/**
 * `slipway nodes demo | head -1`: the reader has gone, and that is no error. Nor is a terminal that was closed (EIO):
 * the signal that comes with it says what to do, and while a run is worked on, talk that nobody hears must not end it.
 */
export function tolerateGoneReaders(): void {
  process.stdout.on('error', error => {
    if (!hasGone(error)) throw error
    if (error.code === 'EPIPE') process.exit(process.exitCode)
  })
  process.stderr.on('error', error => {
    if (!hasGone(error)) throw error
  })
}

const hasGone = (error: Error): error is Error & { code: 'EPIPE' | 'EIO' } =>
  'code' in error && (error.code === 'EPIPE' || error.code === 'EIO')
