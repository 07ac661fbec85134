import { useFormat } from '@aiscra/ui'
import type { Sector } from '../../gql'
import { useT } from '../../lib/i18n'
import { CountTile, MoneyTile, ShareTile } from './moved'
import { before, monthsOf, share, sumsOf, type City } from './sums'

/** The figures that a manager asks for first. Another month or sector is another set of figures, so nothing "moves" by it. */
export function CityFigures({ city, sector, few }: { city: City; sector?: Sector | undefined; few?: boolean }) {
  const t = useT()
  const format = useFormat()
  const sums = sumsOf(city, sector)
  const last = monthsOf(city, sector).find((one) => one.period === before(city.period))
  const then = (value: string | undefined) => (last && value ? `${format.period(last.period)}: ${format.money(value)}` : undefined)
  const rate = share(sums.paid, sums.charged)
  const lastRate = last ? share(last.paid, last.charged) : null
  const rateNote = rate !== null ? t('stats.rateNote') : last && lastRate !== null ? `${format.period(last.period)}: ${format.percent(lastRate)}` : t('stats.notCharged')
  const late = share(sums.overdue, sums.owed)
  return (
    <dl className="city-figures" key={`${city.period}${sector ?? ''}`} {...(few ? { 'data-few': true } : {})}>
      <MoneyTile label={t('stats.charged')} value={sums.charged} note={then(last?.charged)} testid="city-charged" />
      <MoneyTile label={t('stats.paid')} value={sums.paid} note={then(last?.paid)} testid="city-paid" />
      <ShareTile label={t('stats.rate')} value={rate} note={rateNote} testid="city-rate" />
      <MoneyTile
        label={t('stats.owed')} value={sums.owed} testid="city-owed"
        note={late === null ? t('stats.nothingOwed') : t('stats.overdue', { sum: format.money(sums.overdue), share: format.percent(late) })}
      />
      {!few && <MoneyTile label={t('stats.advance')} value={sums.advance} note={t('stats.advanceNote')} />}
      {!few && (
        <CountTile
          label={t('stats.readings')} value={sums.readingsAccepted} testid="city-readings"
          note={t('stats.readingsNote', { doubtful: format.count(sums.readingsDoubtful), rejected: format.count(sums.readingsRejected) })}
        />
      )}
    </dl>
  )
}
