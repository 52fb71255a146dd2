/** Work of the same name one after the other, in the order it came; other names don't wait. */
export interface Turns {
  take<Result>(name: string, work: () => Promise<Result>): Promise<Result>
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>()
  return {
    async take(name, work) {
      const before = last.get(name)
      const turn = (async () => {
        await before?.catch(() => {})
        return work()
      })()
      last.set(name, turn)
      try {
        return await turn
      } finally {
        if (last.get(name) === turn) last.delete(name)
      }
    },
  }
}
