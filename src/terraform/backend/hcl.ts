import type { Json } from '../../contract/json.ts'

/** What a file says, in the form that the same file has as JSON. */
export type HclBody = { [name: string]: Json }

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

/**
 * Reads the part of Terraform's language that says something by itself: blocks, and settings that are texts, numbers, truth
 * values, lists and maps of them. Whatever would have to be worked out is refused.
 * @throws SyntaxError with the line.
 */
export function readHcl(text: string): HclBody {
  let at = 0
  const fail = (what: string): never => {
    throw new SyntaxError(`line ${text.slice(0, at).split('\n').length}: ${what}`)
  }
  const take = (pattern: RegExp): string | null => {
    const found = new RegExp(pattern.source, 'y')
    found.lastIndex = at
    const [whole] = found.exec(text) ?? []
    if (whole !== undefined) at += whole.length
    return whole ?? null
  }
  const skip = (): void => void take(/(?:\s|#[^\n]*|\/\/[^\n]*|\/\*[^]*?\*\/)*/)
  const next = (pattern: RegExp): string | null => {
    skip()
    return take(pattern)
  }
  const expect = (pattern: RegExp, what: string): string => next(pattern) ?? fail(`${what} is expected here`)

  function literal(quoted: string): string {
    const inner = quoted.slice(1, -1)
    if (/(^|[^$])\$\{|(^|[^%])%\{/.test(inner)) fail('a text with ${…} or %{…} in it is not worked out here')
    const plain = inner.replaceAll('$${', '${').replaceAll('%%{', '%{')
    return plain.replace(/\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)/g, (_all, escape: string) => {
      const known: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' }
      if (escape.length > 1) return String.fromCodePoint(Number.parseInt(escape.slice(1), 16))
      return known[escape] ?? fail(`\\${escape} is no character`)
    })
  }

  function heredoc(opening: string): string {
    const indented = opening.startsWith('<<-')
    const end = opening.replace(/^<<-?/, '').trim()
    const lines: string[] = []
    for (;;) {
      const line = take(/[^\n]*\n?/) || fail(`${end} is expected below`)
      if (line.trim() === end) {
        // Its end is the end of a line as well.
        if (line.endsWith('\n')) at -= 1
        break
      }
      if (/(^|[^$])\$\{|(^|[^%])%\{/.test(line)) fail('a text with ${…} or %{…} in it is not worked out here')
      lines.push(line)
    }
    const filled = lines.filter(line => line.trim() !== '')
    const least = indented ? Math.min(...filled.map(line => /^[ \t]*/.exec(line)?.[0].length ?? 0)) : 0
    return lines.map(line => (filled.includes(line) ? line.slice(least) : line)).join('')
  }

  function value(): Json {
    const quoted = next(/"(?:[^"\\\n]|\\.)*"/)
    if (quoted !== null) return literal(quoted)
    const opening = take(/<<-?[A-Za-z_]\w*[ \t]*\n/)
    if (opening !== null) return heredoc(opening)
    const number = take(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/)
    if (number !== null) return Number(number)
    const word = take(/(?:true|false|null)\b/)
    if (word !== null) return word === 'null' ? null : word === 'true'
    if (take(/\[/) !== null) return list()
    if (take(/\{/) !== null) return map()
    return fail('a text, a number, true or false, a list or a map is expected here; nothing else is worked out')
  }

  function list(): Json {
    const values: Json[] = []
    for (;;) {
      if (next(/\]/) !== null) return values
      values.push(value())
      if (next(/,/) === null) {
        expect(/\]/, '] or ,')
        return values
      }
    }
  }

  function map(): Json {
    const values: HclBody = {}
    for (;;) {
      if (next(/\}/) !== null) return values
      const quoted = take(/"(?:[^"\\\n]|\\.)*"/)
      const name = quoted === null ? expect(/[A-Za-z_][\w-]*/, 'a name') : literal(quoted)
      expect(/[=:]/, '=')
      values[name] = value()
      next(/,/)
    }
  }

  function body(isWhole: boolean): HclBody {
    const settings: HclBody = {}
    for (;;) {
      skip()
      if (isWhole ? at >= text.length : take(/\}/) !== null) return settings
      const name = expect(/[A-Za-z_][\w-]*/, isWhole ? 'a block' : 'a setting or }')
      const isSetting = next(/=(?!=)/) !== null
      if (isSetting && Object.hasOwn(settings, name)) fail(`${name} is set twice`)
      if (isSetting) settings[name] = value()
      else block(settings, name)
    }
  }

  function block(into: HclBody, name: string): void {
    const labels: string[] = []
    for (let label = next(/"(?:[^"\\\n]|\\.)*"/); label !== null; label = next(/"(?:[^"\\\n]|\\.)*"/))
      labels.push(literal(label))
    expect(/\{/, '= or {')
    const inner = labels.reduceRight<Json>((below, label) => ({ [label]: below }), body(false))
    const before = Object.hasOwn(into, name) ? into[name] : undefined
    into[name] = before === undefined ? inner : [...(isList(before) ? before : [before]), inner]
  }

  return body(true)
}
