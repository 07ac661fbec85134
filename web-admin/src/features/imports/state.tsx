import { Chip, type Tone } from '@aiscra/ui'
import type { ImportState, RowVerdict } from '../../gql'
import { useT } from '../../lib/i18n'

const stateTone: Record<ImportState, Tone> = {
  UPLOADED: 'busy', CHECKING: 'busy', CHECKED: 'warn', COMMITTING: 'busy', COMMITTED: 'good', UNDOING: 'busy', UNDONE: 'plain', FAILED: 'bad',
}
export const working = (state: ImportState) => state === 'UPLOADED' || state === 'CHECKING' || state === 'COMMITTING' || state === 'UNDOING'

export const verdictTone: Partial<Record<RowVerdict, Tone>> = { OK: 'good', WARNING: 'warn', REJECTED: 'bad', DUPLICATE: 'plain' }

export function ImportStateChip({ state }: { state: ImportState }) {
  const t = useT()
  return <Chip tone={stateTone[state]}>{t(`enum.ImportState.${state}`)}</Chip>
}
