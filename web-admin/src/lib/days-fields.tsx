import { FieldRow, TextField } from '@aiscra/ui'
import { useT } from './i18n'

/** From when to when a fact holds; it has no end unless one is said. */
export function DaysFields() {
  const t = useT()
  return (
    <FieldRow>
      <TextField name="from" label={t('common.fromDay')} kind="date" required />
      <TextField name="to" label={t('common.toDay')} hint={t('common.openEnd')} kind="date" />
    </FieldRow>
  )
}
