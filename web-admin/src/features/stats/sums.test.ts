import { describe, expect, it } from 'vitest'
import { added, ages, before, debts, monthsOf, share, sumsOf, tenge, tiyn, type City } from './sums'

const zero = {
  charged: '0.00', paid: '0.00', owed: '0.00', overdue: '0.00', advance: '0.00', readingsAccepted: 0, readingsDoubtful: 0, readingsRejected: 0,
}
const part = (id: string, sector: 'LEGAL' | 'PRIVATE' | 'MULTI', owed: string, paid = '0.00') => ({
  district: { id, name: { kk: id, ru: id, en: id } }, sector, sums: { ...zero, owed, paid, readingsAccepted: 2 },
})
const city: City = {
  period: '2026-03', today: '2026-03-26', sums: { ...zero, owed: '60.00' },
  months: [
    { period: '2026-02', charged: '7.00', paid: '0.00', parts: [{ sector: 'LEGAL', charged: '7.00', paid: '0.00' }] },
    {
      period: '2026-03', charged: '5.00', paid: '3.00',
      parts: [{ sector: 'LEGAL', charged: '1.00', paid: '3.00' }, { sector: 'MULTI', charged: '4.00', paid: '0.00' }],
    },
  ],
  parts: [part('a', 'MULTI', '10.10', '5.00'), part('a', 'LEGAL', '0.20'), part('b', 'MULTI', '30.00', '0.05'), part('c', 'PRIVATE', '0.00')],
  ages: [0, 1, 2, 3, 5, 6, 11, 12].map((months) => ({ months, owed: '1.00', parts: [{ sector: months < 6 ? 'MULTI' as const : 'LEGAL' as const, owed: '1.00' }] })),
}

describe('money is exact', () => {
  it.each([['0.00', 0n], ['12.5', 1250n], ['-0.05', -5n], ['90071992547409931.07', 9007199254740993107n]] as const)('%s', (text, value) => {
    expect(tiyn(text)).toBe(value)
  })
  it.each([[0n, '0.00'], [-5n, '-0.05'], [9007199254740993107n, '90071992547409931.07']] as const)('%s', (value, text) => {
    expect(tenge(value)).toBe(text)
  })
  it('adds what floating point would not', () => expect(added(['0.10', '0.20', '90071992547409931.07'])).toBe('90071992547409931.37'))
})

describe('a share', () => {
  it.each([
    ['50.00', '100.00', '0.500'],
    // Not quite all is not a hundred per cent.
    ['99.99', '100.00', '0.999'],
    ['120.00', '100.00', '1.200'],
    ['0.00', '100.00', '0.000'],
    ['5.00', '0.00', null],
  ])('%s of %s', (one, all, answer) => expect(share(one, all)).toBe(answer))
})

it('all sectors are the sums of the server, one sector those of its parts', () => {
  expect(sumsOf(city)).toBe(city.sums)
  expect(sumsOf(city, 'MULTI')).toMatchObject({ owed: '40.10', paid: '5.05', readingsAccepted: 4 })
})

it('districts come by what they owe, with every sector asked for', () => {
  expect(debts(city, ['MULTI', 'LEGAL', 'PRIVATE']).map((row) => [row.id, row.owed, row.total])).toEqual([
    ['b', ['30.00', '0.00', '0.00'], '30.00'],
    ['a', ['10.10', '0.20', '0.00'], '10.30'],
    ['c', ['0.00', '0.00', '0.00'], '0.00'],
  ])
  expect(debts(city, ['LEGAL']).map((row) => [row.id, row.total])).toEqual([['a', '0.20']])
})

it('every month of lateness falls into one age', () => {
  expect(ages(city).map((one) => one.owed)).toEqual(['1.00', '2.00', '2.00', '2.00', '1.00'])
})

it('a sector has months and ages of its own', () => {
  expect(ages(city, 'MULTI').map((one) => one.owed)).toEqual(['1.00', '2.00', '2.00', '0.00', '0.00'])
  expect(ages(city, 'LEGAL').map((one) => one.owed)).toEqual(['0.00', '0.00', '0.00', '2.00', '1.00'])
  expect(monthsOf(city)).toBe(city.months)
  expect(monthsOf(city, 'MULTI')).toEqual([
    { period: '2026-02', charged: '0.00', paid: '0.00' },
    { period: '2026-03', charged: '4.00', paid: '0.00' },
  ])
})

it.each([['2026-03', '2026-02'], ['2026-01', '2025-12'], ['2025-11', '2025-10']])('before %s', (month, last) => expect(before(month)).toBe(last))
