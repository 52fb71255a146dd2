/** One step of the schema. Each statement stands alone; all of a step are one transaction, with its record. */
export interface Migration {
  readonly number: number
  readonly name: string
  readonly up: readonly string[]
  readonly down: readonly string[]
}
