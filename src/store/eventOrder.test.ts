import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placeBehind, positionOf } from './eventOrder.ts'

const first = { epoch: 1, after: 0 }
const restored = { epoch: 1_700_000_000_000, after: 400 }
const again = { epoch: 1_800_000_000_000, after: 420 }

describe('the position of an event', () => {
  it('names the epoch in which its place was given away', () => {
    const epochs = [first, restored, again]
    expect([1, 400, 401, 420, 421].map(place => positionOf(epochs, place))).toEqual([
      '1-1',
      '1-400',
      '1700000000000-401',
      '1700000000000-420',
      '1800000000000-421',
    ])
  })

  it('stays what it was when another epoch begins', () => {
    for (let place = 1; place <= 420; place++)
      expect(positionOf([first, restored, again], place)).toBe(positionOf([first, restored], place))
  })
})

describe('who has read up to a position', () => {
  it('goes on behind it, also in later epochs', () => {
    expect(placeBehind({ epochs: [first], drawn: 10 }, '1-7')).toBe(7)
    expect(placeBehind({ epochs: [first, restored], drawn: 450 }, '1-7')).toBe(7)
    expect(placeBehind({ epochs: [first, restored], drawn: 450 }, `${restored.epoch}-430`)).toBe(430)
    expect(placeBehind({ epochs: [first], drawn: 0 }, '0-0')).toBe(0)
  })

  it('in what was lost by a restore, goes on where what came after the restore begins', () => {
    expect(placeBehind({ epochs: [first, restored], drawn: 900 }, '1-500')).toBe(400)
    expect(placeBehind({ epochs: [first, restored, again], drawn: 900 }, '1-410')).toBe(400)
    expect(placeBehind({ epochs: [first, restored, again], drawn: 900 }, `${restored.epoch}-700`)).toBe(420)
  })

  it.each([`${again.epoch}-410`, `${restored.epoch}-451`, '2-7', '0-7'])(
    'elsewhere (%s) is told so, and misses nothing unknowingly',
    position => {
      expect(() => placeBehind({ epochs: [first, restored], drawn: 450 }, position)).toThrow(/is none of this database/)
    },
  )

  it('never misses an event of this database that comes behind those he has read here', () => {
    const lengths = fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(lengths, fc.nat(), (counts, at) => {
        let after = 0
        const epochs = counts.map((count, index) => {
          const epoch = { epoch: index + 1, after }
          after += count
          return epoch
        })
        if (after === 0) return
        const place = 1 + (at % after)
        expect(placeBehind({ epochs, drawn: after }, positionOf(epochs, place))).toBe(place)
      }),
    )
  })
})
