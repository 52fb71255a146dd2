/** What is written as it happens, and awaited when all of it has happened. */
export class Writes {
  readonly #begun: Promise<void>[] = []

  add(written: Promise<void>): void {
    // `done` tells of it; until then a lost lease must not count as an error that nobody handles.
    written.catch(() => {})
    this.#begun.push(written)
  }

  /** @throws what a write failed of. */
  async done(): Promise<void> {
    await Promise.all(this.#begun)
  }
}
