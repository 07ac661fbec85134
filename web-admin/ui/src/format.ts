// How money, volumes, months and dates read in each language. Values arrive as exact decimal strings and are never made
// into floating-point numbers: Intl formats the string itself.
import { useMemo } from 'react'
import { useIntl } from 'react-intl'

export type Language = 'kk' | 'ru' | 'en'
export const languages: readonly Language[] = ['kk', 'ru', 'en']

// Browsers often come without Kazakh data and would fall back to English figures: numbers and short dates are written as
// in Russian, which is the same usage, and the months are ours.
const locale: Record<Language, string> = { kk: 'ru-RU', ru: 'ru-RU', en: 'en-GB' }
const kkMonths = [
  'қаңтар', 'ақпан', 'наурыз', 'сәуір', 'мамыр', 'маусым', 'шілде', 'тамыз', 'қыркүйек', 'қазан', 'қараша', 'желтоқсан',
]
const cubic: Record<Language, string> = { kk: 'м³', ru: 'м³', en: 'm³' }
const NBSP = '\u00a0'

type Exact = Intl.StringNumericLiteral
const exact = (value: string) => value as Exact

export interface Format {
  language: Language
  /** Tenge: "1234.50" → "1 234,50 ₸". */
  money(value: string): string
  /** Without the sign, for columns whose head names the unit. */
  amount(value: string): string
  /** Cubic metres: "12.345" → "12,345 м³"; trailing zeros are left out. */
  volume(value: string): string
  /** A price: at least two places, at most four. */
  price(value: string): string
  /** Any decimal string as it is, with separators of the language. */
  decimal(value: string): string
  /** Whole numbers: 12431 → "12 431". */
  count(value: number): string
  /** "0.16" → "16 %". */
  percent(value: string): string
  /** "2026-03" → "март 2026 г.". */
  period(value: string): string
  /** "2026-03" → "мар": under an axis. */
  shortMonth(value: string): string
  /** "2026-03-25" → "25 марта 2026 г.". */
  date(value: string): string
  /** "2026-03-25" → "25.03.2026". */
  shortDate(value: string): string
  /** A moment, in Almaty's time. */
  dateTime(value: string): string
  /** A moment of this day, to the second, in Almaty's time. */
  clock(value: Date): string
}

const day = (value: string) => new Date(`${value.slice(0, 10)}T00:00:00Z`)
function kkMonth(value: string, withDay = false): string {
  const [year, month, dayOfMonth] = value.split('-')
  return `${year}${NBSP}ж. ${withDay ? `${Number(dayOfMonth)}${NBSP}` : ''}${kkMonths[Number(month) - 1]}`
}
// The year and its "г." stay on one line.
const joined = (text: string) => text.replace(/\s(г\.)$/, `${NBSP}$1`)
const minus = (text: string) => text.replace(/^-/, '\u2212')

export function formatIn(language: Language): Format {
  const tag = locale[language]
  const two = new Intl.NumberFormat(tag, { minimumFractionDigits: 2, maximumFractionDigits: 2 })
  const upToThree = new Intl.NumberFormat(tag, { maximumFractionDigits: 3 })
  const upToFour = new Intl.NumberFormat(tag, { minimumFractionDigits: 2, maximumFractionDigits: 4 })
  const many = new Intl.NumberFormat(tag, { maximumFractionDigits: 8 })
  const whole = new Intl.NumberFormat(tag)
  const percents = new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 2 })
  const month = new Intl.DateTimeFormat(tag, { month: 'long', year: 'numeric', timeZone: 'UTC' })
  const tiny = new Intl.DateTimeFormat(tag, { month: 'short', timeZone: 'UTC' })
  const long = new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
  const short = new Intl.DateTimeFormat(tag, { day: '2-digit', month: '2-digit', year: 'numeric', timeZone: 'UTC' })
  const moment = new Intl.DateTimeFormat(tag, {
    day: '2-digit', month: '2-digit', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Almaty',
  })
  const seconds = new Intl.DateTimeFormat(tag, { hour: '2-digit', minute: '2-digit', second: '2-digit', timeZone: 'Asia/Almaty' })
  return {
    language,
    money: (value) => `${minus(two.format(exact(value)))}${NBSP}₸`,
    amount: (value) => minus(two.format(exact(value))),
    volume: (value) => `${minus(upToThree.format(exact(value)))}${NBSP}${cubic[language]}`,
    price: (value) => `${minus(upToFour.format(exact(value)))}${NBSP}₸`,
    decimal: (value) => minus(many.format(exact(value))),
    count: (value) => whole.format(value),
    percent: (value) => percents.format(exact(value)),
    period: (value) => (language === 'kk' ? kkMonth(value) : joined(month.format(day(`${value}-01`)))),
    shortMonth: (value) => (language === 'kk' ? kkMonths[Number(value.slice(5, 7)) - 1]!.slice(0, 3) : tiny.format(day(`${value}-01`)).replace('.', '')),
    date: (value) => (language === 'kk' ? kkMonth(value, true) : joined(long.format(day(value)))),
    shortDate: (value) => short.format(day(value)),
    dateTime: (value) => moment.format(new Date(value)),
    clock: (value) => seconds.format(value),
  }
}

export function useFormat(): Format {
  const { locale: language } = useIntl()
  return useMemo(() => formatIn(language as Language), [language])
}

/** The sign of an exact decimal string. */
export function sign(value: string): -1 | 0 | 1 {
  if (!/[1-9]/.test(value)) return 0
  return value.startsWith('-') ? -1 : 1
}

/** The same amount without its sign. */
export const unsigned = (value: string): string => value.replace(/^-/, '')

/** What a person typed ("1 234,5", "1,234.5") as an exact decimal string, or null when it is not a number. */
export function parseDecimal(text: string, places: number): string | null {
  const solid = text.replace(/[\s\u00a0\u202f]/g, '')
  // Commas before a point are the thousands of English figures; a comma alone is the decimal one.
  const plain = /^\d{1,3}(,\d{3})+\.\d+$/.test(solid) ? solid.replaceAll(',', '') : solid.replace(',', '.')
  if (!/^\d+(\.\d+)?$/.test(plain)) return null
  const [whole = '0', part = ''] = plain.split('.')
  if (part.length > places) return null
  return places ? `${whole.replace(/^0+(?=\d)/, '')}.${part.padEnd(places, '0')}` : whole.replace(/^0+(?=\d)/, '')
}
