import type { z } from 'zod'

export interface TemplateNode {
  readonly hostname: string
  readonly internal_ip: string
}

/** What `slipway init` asks for. */
export interface TemplateAnswers {
  readonly name: string
  readonly version: string
  readonly user: string
  /** Null: the SSH agent is used. */
  readonly key_file: string | null
  readonly servers: readonly TemplateNode[]
  readonly workers: readonly TemplateNode[]
}

/** A cluster file to begin with. */
export interface ClusterTemplate {
  readonly defaults: TemplateAnswers
  readonly version: z.ZodType<string>
  /** The file with the answers filled in and a word on everything that may be set. */
  text(answers: TemplateAnswers): string
}
