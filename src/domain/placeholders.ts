type Facts = Readonly<Record<string, string | number | boolean | null>>

/** What a remedy of the catalogue has in place of the thing it is about, and the fact that says which one it is. */
const factOf = { HOST: 'host', RUN: 'run', CLUSTER: 'cluster', HASH: 'hash' } as const

/** Signs of a hash that people see. */
const shownOfHash = 12

/** What may stand in a command as it is: a name, an id, a hash; `jump host 10.0.0.5` is no name. */
const plainName = /^[\w.-]+$/

/** A remedy of the catalogue with the names that are known; the others stay in capitals. Pure. */
export function withKnownNames(remedy: string, facts: Facts): string {
  const { machine } = facts
  const ofMachine = typeof machine === 'string' && plainName.test(machine) ? withMachine(remedy, machine) : remedy
  return Object.entries(factOf).reduce((text, [word, fact]) => {
    const name = facts[fact]
    if (typeof name !== 'string' || !plainName.test(name)) return text
    return text.replace(new RegExp(`\\b${word}\\b`, 'g'), word === 'HASH' ? name.slice(0, shownOfHash) : name)
  }, ofMachine)
}

/** A remedy of the catalogue about this run: `slipway resume` becomes what can be typed. Pure. */
export const withRun = (remedy: string, run: string): string =>
  remedy.replace(/`slipway resume`(?: a run that failed)?/g, () => `\`slipway resume ${run}\``)

/** The same remedy for this machine: `slipway machine destroy NAME` becomes what can be typed. Pure. */
export const withMachine = (remedy: string, name: string): string =>
  remedy.replace(/(?<=\bslipway machine \w+ )NAME\b/g, () => name)

/** The same where no run was under way: what is done again instead. Pure. */
export const withoutRun = (remedy: string, again: string): string =>
  remedy.replace(/(?:plan again, or )?`slipway resume`(?: a run that failed)?/g, () => again)

/** A word of a command line as a shell takes it. */
export const shellWord = (word: string): string =>
  /^[\w./~@%+=:,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`

/** The same remedy for this cluster file: `slipway apply -f FILE` and the like become what can be typed. Pure. */
export const withClusterFile = (remedy: string, file: string): string =>
  remedy.replace(/(?<=\bslipway \w+ -f )FILE\b/g, () => shellWord(file))

/** The same remedy about this file: `chmod 600 FILE`, `puttygen KEY.ppk`. Pure. */
export const withFileName = (remedy: string, file: string): string =>
  remedy
    .replace(/\bKEY\.ppk -O private-openssh -o KEY\b/g, () => {
      const key = file.replace(/\.ppk$/, '')
      return `${shellWord(file)} -O private-openssh -o ${shellWord(key === file ? `${file}.openssh` : key)}`
    })
    .replace(/\bFILE\b/g, () => shellWord(file))
