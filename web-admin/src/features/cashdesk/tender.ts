// How a payer pays, as the server will reckon it: the total is rounded where it is cash, and only there. For the screen; the
// server decides. Sums are whole tiyn.

export const tiyn = (exact: string): bigint => {
  const [whole = '0', part = ''] = exact.replace('-', '').split('.')
  const size = BigInt(whole + part.padEnd(2, '0').slice(0, 2))
  return exact.startsWith('-') ? -size : size
}

export const exact = (sum: bigint): string => {
  const text = (sum < 0n ? -sum : sum).toString().padStart(3, '0')
  return `${sum < 0n ? '-' : ''}${text.slice(0, -2)}.${text.slice(-2)}`
}

export type TenderProblem = 'nothing' | 'card' | 'rounds' | 'little' | 'no_cash'

export interface Tender {
  total: bigint
  /** Due in cash, rounded. */
  cash: bigint
  card: bigint
  /** Taken less asked for. */
  rounding: bigint
  change: bigint
  problem: TenderProblem | null
}

export function roundCash(sum: bigint, unit: bigint): bigint {
  const one = unit > 0n ? unit : 1n
  return ((sum + one / 2n) / one) * one
}

export function tender(lines: readonly bigint[], card: bigint, given: bigint | null, unit: bigint): Tender {
  const total = lines.reduce((sum, line) => sum + line, 0n)
  const none = { total, cash: 0n, card, rounding: 0n, change: 0n }
  if (lines.length === 0 || lines.some((line) => line <= 0n)) return { ...none, problem: 'nothing' }
  if (card < 0n || card > total) return { ...none, problem: 'card' }
  const cash = roundCash(total - card, unit)
  if (cash + card === 0n) return { ...none, problem: 'rounds' }
  const paid = { total, cash, card, rounding: cash + card - total, change: 0n }
  if (given !== null && cash === 0n && given > 0n) return { ...paid, problem: 'no_cash' }
  if (given !== null && given < cash) return { ...paid, problem: 'little' }
  return { ...paid, change: given === null ? 0n : given - cash, problem: null }
}

/** What a scanner reads from a bill, or a person types: the number of an account, and the sum where the code names one. */
export function scanned(text: string): { number: string; amount: string | null } | null {
  const words = text.trim()
  if (/^\d{4,}$/.test(words)) return { number: words, amount: null }
  const number = /[?&]account=(\d{4,})/.exec(words)?.[1]
  if (!number) return null
  return { number, amount: /[?&]amount=(\d+(?:\.\d{1,2})?)(?:&|$)/.exec(words)?.[1] ?? null }
}
