import type { Observations } from './stage.ts'

/**
 * What was read, once a run (or plan) and key. Two stages that ask at the same time share one reading; a reading
 * that failed is not kept; one that was dropped while it was under way is not kept either.
 */
export function createObservations(): Observations {
  const readings = new Map<string, Promise<unknown>>()
  return {
    read<T>(key: string, load: () => Promise<T>): Promise<T> {
      const known = readings.get(key)
      // The key names the reading, and so its type: the caller's contract.
      if (known) return known as Promise<T>
      const reading = load()
      readings.set(key, reading)
      reading.catch(() => {
        if (readings.get(key) === reading) readings.delete(key)
      })
      return reading
    },
    drop(prefix) {
      for (const key of readings.keys()) if (key.startsWith(prefix)) readings.delete(key)
    },
  }
}
