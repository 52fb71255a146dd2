/** Tells people this often that it goes on, ms. */
const often = 5_000

/** Takes the size of each piece of rows that has been brought over, and tells now and then how far it has come. */
export function progress(report: (message: string) => void, interval = often): (bytes: number) => void {
  const began = performance.now()
  let [told, all] = [began, 0]
  return bytes => {
    all += bytes
    const now = performance.now()
    if (now - told < interval) return
    told = now
    const seconds = Math.round((now - began) / 1000)
    report(`the database is still being converted (${seconds} s, ${Math.floor(all / 1024 / 1024)} MB of rows so far)`)
  }
}
