import { expect, it } from 'vitest'
import { parseDocument, type Scalar } from 'yaml'
import { chartScalar, isChartValue } from './chartValue.ts'

const read = (text: string) => chartScalar(parseDocument(text).contents as Scalar)

it.each([
  ['yes', true],
  ['No', false],
  ['off', false],
  ['y', true],
  ['"no"', 'no'],
  ["'0640'", '0640'],
  ['0640', 416],
  ['0o640', 416],
  ['1_000', 1000],
  ['-7', -7],
  ['0', 0],
  ['0x1F', 31],
  ['089', 89],
  ['1.5', 1.5],
  ['12:30', '12:30'],
  ['_', '_'],
  ['~', null],
  ['norway', 'norway'],
])('%s is what Helm takes it for', (text, value) => expect(read(text)).toBe(value))

it.each([
  [['spec', 'platform', 'charts', 0, 'values', 'a'], true],
  [['spec', 'platform', 'components', 'operator-pgo', 'values', 'a'], true],
  [['spec', 'platform', 'components', 'operator-pgo', 'enabled'], false],
  [['spec', 'platform', 'namespaces', 'a', 'values'], false],
])('%j is a value of a chart: %j', (path, expected) => expect(isChartValue(path)).toBe(expected))
