/** One word of a shell command, whatever is in it. */
export const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`

export const command = (...words: readonly string[]): string => words.map(quoted).join(' ')

/** Writes bytes that a script can't hold as they are. */
export const written = (content: Buffer, into: string): string =>
  `base64 -d <<'END' ${into}\n${content.toString('base64').replace(/.{76}/g, '$&\n')}\nEND`
