/// <reference types="vite/client" />
import { describe, expect, it } from 'vitest'
import roundingTable from '../../../../domain/src/cashdesk/vectors/rounding.txt?raw'
import tenderTable from '../../../../domain/src/cashdesk/vectors/tender.txt?raw'
import { exact, roundCash, scanned, tender, tiyn } from './tender'

/** The tables that the server's rule is tested by, read by the same names of columns. */
function table(text: string): Record<string, string>[] {
  const [head = [], ...rows] = text.split('\n').map((line) => line.replace(/#.*/, '').trim()).filter(Boolean).map((line) => line.split(/\s+/))
  return rows.map((cells) => Object.fromEntries(cells.map((cell, at) => [head[at]!, cell])))
}

describe('the screen reckons as the server does', () => {
  it('rounds cash', () => {
    const rows = table(roundingTable)
    expect(rows.length).toBeGreaterThan(5)
    for (const row of rows) expect(exact(roundCash(tiyn(row.sum!), tiyn(row.unit!))), row.sum).toBe(row.cash)
  })

  it('takes cash, cards and both', () => {
    const rows = table(tenderTable)
    expect(rows.length).toBeGreaterThan(10)
    for (const row of rows) {
      const got = tender(row.lines!.split('+').map(tiyn), tiyn(row.card!), row.given === '-' ? null : tiyn(row.given!), 100n)
      expect(got.problem ?? 'ok', row.lines).toBe(row.says)
      if (got.problem) continue
      expect([got.cash, got.change, got.rounding].map(exact), row.lines).toEqual([row.cash, row.change, row.rounding])
    }
  })
})

it('reads what a scanner reads', () => {
  expect(scanned(' 1000001 ')).toEqual({ number: '1000001', amount: null })
  expect(scanned('https://su.example.kz/pay?account=7700123&amount=1731.05&period=2026-03')).toEqual({ number: '7700123', amount: '1731.05' })
  expect(scanned('https://su.example.kz/pay?amount=5&account=7700123')).toEqual({ number: '7700123', amount: '5' })
  expect(scanned('https://su.example.kz/pay?account=7700123&amount=1e9')).toEqual({ number: '7700123', amount: null })
  expect(scanned('Оспанова')).toBeNull()
})
