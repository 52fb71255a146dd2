import { z } from 'zod'

/** What a lease protects; runs, plans and events belong to one. The engine knows no more of it than this. */
export const subjectShape = z.object({
  /** `cluster`. */
  kind: z.string(),
  /** Unique among its kind. */
  name: z.string(),
})
export type Subject = Readonly<z.infer<typeof subjectShape>>

/** For people, and as a key: `cluster demo`. */
export const subjectText = ({ kind, name }: Subject): string => `${kind} ${name}`

export const clusterSubject = (name: string): Subject => ({ kind: 'cluster', name })
