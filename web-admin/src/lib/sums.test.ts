import { expect, it } from 'vitest'
import { monthsFrom } from './month-field'
import { addUp } from './sums'

it('adds money and volumes up exactly, whatever their signs', () => {
  expect(addUp([])).toBe('0.00')
  expect(addUp(['0.10', '0.20'])).toBe('0.30')
  expect(addUp(['-0.05', '0.02'])).toBe('-0.03')
  expect(addUp(['9007199254740993.01', '0.01'])).toBe('9007199254740993.02')
  expect(addUp(['1.5', '-0.001', '12'], 3)).toBe('13.499')
})

it('counts months over the turn of a year', () => {
  expect(monthsFrom('2026-03', -3)).toBe('2025-12')
  expect(monthsFrom('2026-12', 1)).toBe('2027-01')
  expect(monthsFrom('2026-01', 0)).toBe('2026-01')
})
