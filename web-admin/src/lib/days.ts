import { useFormat } from '@aiscra/ui'
import { useT } from './i18n'

/** The last moment of a day: everything recorded up to its end counts. */
export const endOfDay = (day: string): string => new Date(`${day}T23:59:59.999`).toISOString()

/** Days in words: between two of them, or from the first one on while no end is known. */
export function useDays() {
  const t = useT()
  const format = useFormat()
  return ({ from, to }: { from: string; to?: string | null }) => (to ? `${format.shortDate(from)} – ${format.shortDate(to)}` : t('common.from', { from: format.shortDate(from) }))
}
