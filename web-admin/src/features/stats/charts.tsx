import { Link, useNavigate } from '@tanstack/react-router'
import { Chart, useFormat, useLanguage } from '@aiscra/ui'
import type { Sector } from '../../gql'
import { useCan } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { ages, debts, monthsOf, type City } from './sums'

/** A chart and the height that the page gives it. */
const height = (name: 'months' | 'districts' | 'ages', otherwise: number) => `var(--city-${name}, ${otherwise}px)`

export function MonthsChart({ city, sector, onPick }: { city: City; sector?: Sector | undefined; onPick?: (period: string) => void }) {
  const t = useT()
  const format = useFormat()
  const months = monthsOf(city, sector)
  return (
    <Chart
      title={t('stats.months')} corner={t('common.period')} height={height('months', 260)}
      labels={months.map((one, row) => `${format.shortMonth(one.period)}${row === 0 || one.period.endsWith('-01') ? `\n${one.period.slice(0, 4)}` : ''}`)}
      full={months.map((one) => format.period(one.period))}
      {...(onPick ? { onPick: (row: number) => months[row] && onPick(months[row].period) } : {})}
      series={[
        { name: t('stats.charged'), values: months.map((one) => one.charged) },
        { name: t('stats.paid'), kind: 'line', values: months.map((one) => one.paid) },
      ]}
    />
  )
}

/** Without the word "district", which the title says. */
const short = (name: string) => name.replace(/\s+(район|ауданы|district)$/i, '')

export function DistrictsChart({ city, sectors }: { city: City; sectors: readonly Sector[] }) {
  const t = useT()
  const { language } = useLanguage()
  const can = useCan()
  const navigate = useNavigate()
  const rows = debts(city, sectors)
  const filters = (row: number, part?: number) => {
    const sector = sectors.length === 1 ? sectors[0] : part === undefined ? undefined : sectors[part]
    return { district: rows[row]!.id, debtors: true, ...(sector ? { sector } : {}) }
  }
  const leads = can('ACCOUNT_READ')
  return (
    <Chart
      title={t('stats.districts')} corner={t('subscribers.district')} height={height('districts', 312)} sideways stacked sizes
      labels={rows.map((row) => short(row.name[language]))} full={rows.map((row) => row.name[language])}
      series={sectors.map((sector, index) => ({ name: t(`enum.Sector.${sector}`), values: rows.map((row) => row.owed[index]!) }))}
      {...(sectors.length > 1 ? { total: { name: t('stats.total'), values: rows.map((row) => row.total) } } : {})}
      {...(leads
        ? {
            onPick: (row: number, part?: number) => void navigate({ to: '/accounts', search: filters(row, part) }),
            rowLink: (row: number) => <Link className="row-link" to="/accounts" search={filters(row)}>{rows[row]!.name[language]}</Link>,
          }
        : {})}
    />
  )
}

export function AgesChart({ city, sector }: { city: City; sector?: Sector | undefined }) {
  const t = useT()
  const bars = ages(city, sector)
  const names = bars.map(({ band }) => t(`stats.age.${band}`))
  return (
    <Chart
      title={t('stats.ages')} corner={t('stats.ageHead')} height={height('ages', 312)} sizes labels={names} full={names}
      series={[{ name: t('stats.owedShort'), values: bars.map((one) => one.owed) }]}
    />
  )
}
