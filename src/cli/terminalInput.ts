/** Standard input, of which a terminal that was closed is no error: whoever reads is told by its end. */
export function terminalInput(): typeof process.stdin {
  const { stdin } = process
  if (changed || !stdin.isTTY) return stdin
  const setRawMode = stdin.setRawMode.bind(stdin)
  // readline calls it once more after the input has ended, where nobody could catch what it throws.
  stdin.setRawMode = mode => {
    try {
      return setRawMode(mode)
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EIO') return stdin
      throw error
    }
  }
  changed = true
  return stdin
}

let changed = false
