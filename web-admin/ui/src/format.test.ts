import { describe, expect, it } from 'vitest'
import { formatIn, parseDecimal, sign, unsigned } from './format'

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')

describe('money', () => {
  it.each([
    ['ru', '1234567.50', '1 234 567,50 ₸'],
    ['kk', '1234567.50', '1 234 567,50 ₸'],
    ['en', '1234567.50', '1,234,567.50 ₸'],
    ['ru', '-0.05', '−0,05 ₸'],
    // More digits than a floating-point number holds: the string itself is formatted.
    ['ru', '90071992547409931.07', '90 071 992 547 409 931,07 ₸'],
  ] as const)('%s %s', (language, value, words) => {
    expect(plain(formatIn(language).money(value))).toBe(words)
  })
})

describe('volume, month and date', () => {
  it.each([
    ['ru', '15 м³', 'март 2026 г.', '25 марта 2026 г.'],
    ['kk', '15 м³', '2026 ж. наурыз', '2026 ж. 25 наурыз'],
    ['en', '15 m³', 'March 2026', '25 March 2026'],
  ] as const)('%s', (language, volume, month, day) => {
    const format = formatIn(language)
    expect(plain(format.volume('15.000'))).toBe(volume)
    expect(plain(format.period('2026-03'))).toBe(month)
    expect(plain(format.date('2026-03-25'))).toBe(day)
  })
  it('keeps litres', () => expect(plain(formatIn('ru').volume('4.839'))).toBe('4,839 м³'))
  it('shows moments in Almaty', () => expect(formatIn('ru').dateTime('2026-03-25T20:30:00Z')).toContain('26.03.2026'))
})

describe('what a person types', () => {
  it.each([
    ['1 234,5', 2, '1234.50'],
    ['0012', 3, '12.000'],
    ['12.345', 3, '12.345'],
    ['12.3456', 3, null],
    ['-5', 2, null],
    ['1e3', 2, null],
    ['', 2, null],
    ['11,098.88', 2, '11098.88'],
    ['1,2.5', 2, null],
  ])('%s', (typed, places, exact) => expect(parseDecimal(typed, places)).toBe(exact))
})

it('signs', () => {
  expect(sign('-0.00')).toBe(0)
  expect(sign('-0.01')).toBe(-1)
  expect(sign('3.00')).toBe(1)
  expect(unsigned('-3.00')).toBe('3.00')
})
