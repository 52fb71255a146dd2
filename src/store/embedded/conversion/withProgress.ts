/** Tells people this often that it goes on, ms. */
const often = 5_000

/** The pieces as they come, and how far they have come for those who wait. */
export async function* withProgress(
  pieces: AsyncIterable<Uint8Array>,
  report: (message: string) => void,
  interval = often,
): AsyncGenerator<Uint8Array> {
  const began = performance.now()
  let [told, bytes] = [began, 0]
  for await (const piece of pieces) {
    bytes += piece.length
    yield piece
    const now = performance.now()
    if (now - told < interval) continue
    told = now
    const seconds = Math.round((now - began) / 1000)
    report(`the database is still being converted (${seconds} s, ${Math.floor(bytes / 1024 / 1024)} MB compressed)`)
  }
}
