import { expect, it } from 'vitest'
import { hidden } from './hidden.ts'

const values = {
  host: 'db.example',
  password: 'hunter-of-snow',
  pin: { api_key: 1234 },
  sealed: [{ user: 'x' }, 'tomato'],
  url: 'https://joe:letmein@db.example',
}
const told = (words: string) => hidden(words, { values, secretPaths: new Set(['sealed']) })

it.each([
  ['password hunter-of-snow is short', 'password •••• is short'],
  [`in base64 ${Buffer.from('hunter-of-snow').toString('base64')}`, 'in base64 ••••='],
  ['key 1234, port 12345', 'key ••••, port 12345'],
  ['a tomato, tomatoes', 'a ••••, ••••es'],
  ['no https://joe:letmein@db.example', 'no ••••'],
  ['host db.example', 'host db.example'],
  ['line 3: cannot unmarshal !!str `hunte...` into int', 'line 3: cannot unmarshal !!str •••• into int'],
])('%s: is told as %s', (words, expected) => {
  expect(told(words)).toBe(expected)
})

it('words about values of which none is secret stay as they are', () => {
  expect(hidden('!!str `db` into int', { values: { host: 'db' }, secretPaths: new Set() })).toBe('!!str `db` into int')
})
