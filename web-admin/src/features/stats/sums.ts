// Sums of the picture on the screen's side: exact, in whole tiyn.
import type { CityQuery, Sector } from '../../gql'

export type City = CityQuery['cityPicture']
export type Sums = City['sums']
type Part = City['parts'][number]

/** "12.5" as 1250 tiyn. */
export function tiyn(money: string): bigint {
  const [whole = '0', part = ''] = money.replace('-', '').split('.')
  const size = BigInt(whole) * 100n + BigInt(part.padEnd(2, '0').slice(0, 2))
  return money.startsWith('-') ? -size : size
}

/** 1250 tiyn as "12.50". */
export function tenge(sum: bigint): string {
  const size = sum < 0n ? -sum : sum
  return `${sum < 0n ? '-' : ''}${size / 100n}.${String(size % 100n).padStart(2, '0')}`
}

export const added = (values: readonly string[]): string => tenge(values.reduce((sum, value) => sum + tiyn(value), 0n))

/** The sums of one sector, or of all of them. */
export function sumsOf(city: City, sector?: Sector): Sums {
  if (!sector) return city.sums
  const mine = city.parts.filter((part) => part.sector === sector).map((part) => part.sums)
  const money = (name: 'charged' | 'paid' | 'owed' | 'overdue' | 'advance') => added(mine.map((one) => one[name]))
  const count = (name: 'readingsAccepted' | 'readingsDoubtful' | 'readingsRejected') => mine.reduce((sum, one) => sum + one[name], 0)
  return {
    charged: money('charged'), paid: money('paid'), owed: money('owed'), overdue: money('overdue'), advance: money('advance'),
    readingsAccepted: count('readingsAccepted'), readingsDoubtful: count('readingsDoubtful'), readingsRejected: count('readingsRejected'),
  }
}

/** A part of a whole to a tenth of a per cent, rounded down so that 100 % means all; null when there is no whole. */
export function share(part: string, whole: string): string | null {
  const all = tiyn(whole)
  if (all <= 0n) return null
  const thousandths = (tiyn(part) * 1000n) / all
  return (Number(thousandths) / 1000).toFixed(3)
}

export interface DistrictDebt {
  id: string
  name: Part['district']['name']
  /** In the order of the sectors asked for. */
  owed: string[]
  total: string
}

/** Debt by district, the largest first; districts without debt stay in the picture. */
export function debts(city: City, sectors: readonly Sector[]): DistrictDebt[] {
  const found = new Map<string, { name: Part['district']['name']; owed: Map<Sector, string> }>()
  for (const { district, sector, sums } of city.parts) {
    if (!sectors.includes(sector)) continue
    const row = found.get(district.id) ?? { name: district.name, owed: new Map() }
    found.set(district.id, row)
    row.owed.set(sector, added([row.owed.get(sector) ?? '0', sums.owed]))
  }
  return [...found]
    .map(([id, { name, owed }]) => {
      const values = sectors.map((sector) => owed.get(sector) ?? '0.00')
      return { id, name, owed: values, total: added(values) }
    })
    .toSorted((a, b) => (tiyn(b.total) > tiyn(a.total) ? 1 : tiyn(b.total) < tiyn(a.total) ? -1 : a.id.localeCompare(b.id)))
}

/** Whole months late of each bar of the picture of ages: from the first up to the next one's first. */
export const ageBands = ['fresh', 'month', 'quarter', 'half', 'year'] as const
const from: Record<(typeof ageBands)[number], number> = { fresh: 0, month: 1, quarter: 3, half: 6, year: 12 }

/** The months of one sector, or of all of them. */
export function monthsOf(city: City, sector?: Sector): { period: string; charged: string; paid: string }[] {
  if (!sector) return city.months
  return city.months.map(({ period, parts }) => {
    const mine = parts.find((part) => part.sector === sector)
    return { period, charged: mine?.charged ?? '0.00', paid: mine?.paid ?? '0.00' }
  })
}

export function ages(city: City, sector?: Sector): { band: (typeof ageBands)[number]; owed: string }[] {
  return ageBands.map((band, index) => {
    const next = ageBands[index + 1]
    const mine = city.ages.filter(({ months }) => months >= from[band] && (next === undefined || months < from[next]))
    const owed = mine.map((one) => (sector ? one.parts.find((part) => part.sector === sector)?.owed ?? '0' : one.owed))
    return { band, owed: added(owed) }
  })
}

/** The month before: "2026-01" → "2025-12". */
export function before(period: string): string {
  const [year, month] = period.split('-').map(Number) as [number, number]
  return month === 1 ? `${year - 1}-12` : `${year}-${String(month - 1).padStart(2, '0')}`
}
