import { useFormat } from '@aiscra/ui'
import { useT } from '../../lib/i18n'

export interface NamedPoint {
  hot: boolean
  meter?: { serial: string } | null
  /** Told only where an account has points in several places. */
  premise?: { address: string } | null
}

/** A point of supply in words: its water and its meter, first the place where that tells it apart. */
export function usePointName() {
  const t = useT()
  const format = useFormat()
  return (point: NamedPoint | undefined) =>
    !point ? '—' : [
      ...(point.premise ? [point.premise.address] : []), t(point.hot ? 'subscribers.hotWater' : 'subscribers.coldWater'),
      point.meter ? t('consumption.meterNo', { serial: point.meter.serial }) : t('subscribers.noMeter').toLocaleLowerCase(format.language),
    ].join(', ')
}
