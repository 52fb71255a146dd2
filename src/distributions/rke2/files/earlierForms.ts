import type { ConfigEntry, ConfigScalar } from './configEntries.ts'

/**
 * How earlier versions wrote the same values. A file on a host that says the same in another form is right as it is:
 * writing it anew would cost a restart and change nothing.
 */
const earlierForms: Readonly<Record<string, (text: string) => ConfigEntry['value']>> = {
  // Lists stood in the file as they were given, also those of one.
  cni: listed,
  'ingress-controller': listed,
  // Both were taken, with the 0 and without it.
  'write-kubeconfig-mode': text => text.replace(/^0(?=[0-7]{3}$)/, ''),
}

function listed(text: string): readonly ConfigScalar[] {
  return text.split(',')
}

/** The entries as they are written now, and then every mixture in which earlier versions wrote them; a handful at most. */
export function equalForms(entries: readonly ConfigEntry[]): (readonly ConfigEntry[])[] {
  return entries.reduce<(readonly ConfigEntry[])[]>(
    (made, entry) => {
      const earlier = typeof entry.value === 'string' ? earlierForms[entry.key]?.(entry.value) : undefined
      const forms = earlier === undefined ? [entry] : [entry, { key: entry.key, value: earlier }]
      return forms.flatMap(form => made.map(before => [...before, form]))
    },
    [[]],
  )
}
