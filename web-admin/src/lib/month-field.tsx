import { ChoiceField, useFormat } from '@aiscra/ui'
import { useToday } from './can'
import { useT } from './i18n'

/** A month so many months away from another. */
export function monthsFrom(month: string, by: number): string {
  const [year, at] = month.split('-').map(Number) as [number, number]
  const all = year * 12 + at - 1 + by
  return `${Math.floor(all / 12)}-${String((all % 12) + 1).padStart(2, '0')}`
}

/** Chosen by its name, the newest first: nobody types months as codes. `none`: what it means when no month is chosen. */
export function MonthField({ name, label, hint, required, back = 36, ahead = 0, none }: {
  name: string
  label: string
  hint?: string
  required?: boolean
  back?: number
  ahead?: number
  none?: string
}) {
  const t = useT()
  const format = useFormat()
  const today = useToday().slice(0, 7)
  const months = Array.from({ length: back + ahead + 1 }, (_, at) => monthsFrom(today, ahead - at))
  return (
    <ChoiceField
      name={name} label={label} hint={hint} required={required ?? false}
      choices={[...(none || !required ? [{ value: '', label: none ?? t('common.chooseMonth') }] : []), ...months.map((value) => ({ value, label: format.period(value) }))]}
    />
  )
}
