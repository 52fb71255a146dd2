import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'

/** What user data turns out to be. Whatever is wrong with it, the machine comes up: cloud-init only logs that. */
export type UserData =
  | { readonly kind: 'config'; readonly config: Readonly<Record<string, unknown>> }
  | { readonly kind: 'script'; readonly script: string }
  | { readonly kind: 'none'; readonly problem: string | null }

const Mapping = z.record(z.string(), z.unknown())

/** Takes user data for what its first line says, as cloud-init does. Archives and other parts of MIME are not known here. */
export function readUserData(text: string): UserData {
  if (text.trim() === '') return { kind: 'none', problem: null }
  const [first = ''] = text.split('\n', 1)
  if (first.startsWith('#!')) return { kind: 'script', script: text }
  if (!/^#cloud-config\s*$/.test(first)) {
    return { kind: 'none', problem: `Unhandled non-multipart (text/x-not-multipart) userdata: '${first.slice(0, 60)}'` }
  }
  let parsed: unknown
  try {
    parsed = parse(text) ?? {}
  } catch (error) {
    return { kind: 'none', problem: `Failed loading yaml blob. ${error instanceof Error ? error.message : ''}`.trim() }
  }
  const config = Mapping.safeParse(parsed)
  if (config.success) return { kind: 'config', config: config.data }
  return { kind: 'none', problem: "Failed loading yaml blob. Yaml load allows (<class 'dict'>,) root types" }
}

const MetaData = z.looseObject({ 'local-hostname': z.string().optional() })

/** The machine's name in meta data; undefined where there is none, or nothing to be read. */
export function hostnameIn(metaData: string): string | undefined {
  const [document] = parseAllDocuments(metaData)
  const read = MetaData.safeParse(document && document.errors.length === 0 ? document.toJS() : null)
  return read.success ? read.data['local-hostname'] : undefined
}
