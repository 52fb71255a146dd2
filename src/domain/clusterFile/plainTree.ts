import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar } from 'yaml'
import type { FindingName } from '../findingCatalogue.ts'
import { namesSecretFile, secretInstead } from '../values/fileNames.ts'
import { chartScalar, isChartValue } from './chartValue.ts'
import type { Refusal } from './decode.ts'
import { shown, withoutLogin } from './shown.ts'

/** Aliases that a file may use; each is expanded, and none may stand inside what another one names. */
const maxAliases = 200
/** Values a file may have, aliases expanded. */
const maxValues = 150_000
const maxRefusals = 100

/** Keys that mean something to JavaScript objects rather than to people. */
const prototypeKeys = new Set(['__proto__', 'constructor', 'prototype'])

export type Path = readonly (string | number)[]

/** Offsets into the text of a value, and of the key it stands under. */
export interface Place {
  readonly key: number | null
  readonly value: number
}

export interface PlainTree {
  readonly value: unknown
  readonly refusals: readonly Refusal[]
  /** Places by `pointer(path)`. */
  readonly places: ReadonlyMap<string, Place>
}

/** `spec.nodes[2].hostname` */
export function writtenPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    const written = /^[\w-]+$/.test(step) ? step : JSON.stringify(withoutLogin(step))
    return text ? `${text}.${written}` : written
  }, '')
}

export const pointer = (path: Path): string => JSON.stringify(path)

/** YAML nodes to plain values, with the place of each. Refuses what has no plain meaning, all of it at once. */
export function plainTree(root: Node | null): PlainTree {
  const walk = new Walk()
  return { value: walk.value(root, [], null), refusals: walk.refusals, places: walk.places }
}

class Walk {
  readonly refusals: Refusal[] = []
  readonly places = new Map<string, Place>()
  readonly #anchors = new Map<string, Node>()
  #aliases = 0
  #values = 0
  #insideAlias = false

  value(node: Node | null, path: Path, key: number | null): unknown {
    const offset = node?.range?.[0] ?? key ?? 0
    this.places.set(pointer(path), { key, value: offset })
    if (++this.#values > maxValues) {
      if (this.#values === maxValues + 1)
        this.#refuse(path, offset, 'too-many-values', `the file has more than ${maxValues} values`, writeOut)
      return null
    }
    if (node === null) return null
    if (isAlias(node)) return this.#alias(node, path, key, offset)
    if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor && !this.#insideAlias)
      this.#anchors.set(node.anchor, node)
    if (node.tag !== undefined) this.#refuse(path, offset, 'yaml-tag', tagMessage(node.tag), removeTag)
    if (isMap(node)) return this.#map(node.items, path)
    if (isSeq(node)) return node.items.map((item, index) => this.value(nodeOf(item), [...path, index], null))
    if (!isScalar(node)) return null
    return this.#scalar(isChartValue(path) ? chartScalar(node) : writtenScalar(node), path, offset)
  }

  #alias(alias: Alias, path: Path, key: number | null, offset: number): unknown {
    const target = this.#anchors.get(alias.source)
    if (this.#insideAlias || ++this.#aliases > maxAliases || !target) {
      this.#refuse(
        path,
        offset,
        'yaml-alias',
        target
          ? 'aliases inside of aliases, or too many of them'
          : 'no anchor of the name behind this * stands before it',
        target ? writeOut : `${writeOut} A value that begins with * is written in single quotes.`,
      )
      return null
    }
    this.#insideAlias = true
    const value = this.value(target, path, key)
    this.#insideAlias = false
    return value
  }

  #map(pairs: readonly Pair[], path: Path): Record<string, unknown> {
    const result: Record<string, unknown> = {}
    for (const pair of pairs) {
      const keyNode = nodeOf(pair.key)
      const offset = keyNode?.range?.[0] ?? 0
      const key = isScalar(keyNode) ? keyNode.value : null
      if (typeof key !== 'string') {
        this.#refuse(path, offset, 'yaml-key', 'a key must be text', 'Put quotes around the key, or correct it.')
        continue
      }
      if (!this.#acceptsKey(key, path, offset)) continue
      if (Object.hasOwn(result, key)) {
        this.#refuse(
          [...path, key],
          offset,
          'duplicate-key',
          `the key ${shown(key)} stands here twice`,
          'Keep the one that is meant.',
        )
        continue
      }
      result[key] = this.value(nodeOf(pair.value), [...path, key], offset)
    }
    return result
  }

  #acceptsKey(key: string, path: Path, offset: number): boolean {
    if (prototypeKeys.has(key))
      this.#refuse(path, offset, 'reserved-key', `the key ${key} is reserved`, 'Remove it; no setting has this name.')
    else if (key === '<<')
      this.#refuse(
        path,
        offset,
        'yaml-merge',
        'merge keys (<<) are not read',
        isChartValue(path) ? 'Write the keys out.' : 'Write the keys out, or set them in spec.ssh.',
      )
    else if (hasControl(key))
      this.#refuse(path, offset, 'control-character', `the key ${shown(key)} holds a control character`, 'Remove it.')
    else return true
    return false
  }

  #scalar(value: unknown, path: Path, offset: number): unknown {
    if (typeof value !== 'string' || !hasControl(isChartValue(path) ? withoutLineBreaks(value) : value)) return value
    const { message, remedy } = namesSecretFile(path)
      ? secretInstead(path)
      : {
          message: `the value ${shown(value)} holds a line break or a control character`,
          remedy: 'Write the value on one line, without escapes like \\n or \\0.',
        }
    this.#refuse(path, offset, 'control-character', message, remedy)
    return value
  }

  #refuse(path: Path, offset: number, name: FindingName, message: string, remedy: string): void {
    if (this.refusals.length < maxRefusals)
      this.refusals.push({ name, offset, path: writtenPath(path), message, remedy })
  }
}

/** Zeros before a number are taken as they stand: 0640 is 640 in YAML 1.2 and 416 in YAML 1.1, and people mean neither. */
const writtenScalar = ({ value, source, type }: Scalar): unknown =>
  typeof value === 'number' && type === 'PLAIN' && source !== undefined && /^0o?[0-9]+$/.test(source) ? source : value

const yamlTag = /^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq|set|omap|pairs|binary|timestamp|merge)$/

/** A tag of YAML's own is named; any other word may be the value itself, and that a secret. */
const tagMessage = (tag: string): string =>
  yamlTag.test(tag)
    ? `the tag ${shown(tag)} is not used here`
    : 'the word that begins with ! is a tag to YAML, and tags are not used here'

const removeTag = 'Remove the tag. A value that begins with ! is written in single quotes.'

const writeOut = 'Write the value out, or set what all nodes share in spec.ssh and spec.cluster_vars.'

/** Lone surrogates count as well: no encoding can carry them. */
const hasControl = (text: string): boolean => /[\p{Cc}\p{Zl}\p{Zp}]/u.test(text) || !text.isWellFormed()

/** Files stand as one text among the values of a chart. */
const withoutLineBreaks = (text: string): string => text.replaceAll(/[\r\n\t]/g, '')

function nodeOf(item: unknown): Node | null {
  return isScalar(item) || isMap(item) || isSeq(item) || isAlias(item) ? item : null
}
