import { ActionIcon } from '@mantine/core'
import { IconPause, IconRefresh, useFormat } from '@aiscra/ui'
import { useT } from '../../lib/i18n'
import type { CityNow } from './city'

/** Whether figures come as they happen, or are those of a while ago. */
export function LiveMark({ now }: { now: CityNow }) {
  const t = useT()
  const format = useFormat()
  return (
    <span className="city-live">
      <span role="status" className="city-mark" data-state={now.state}>
        {now.state === 'paused' ? <IconPause size={13} strokeWidth={3.5} /> : <span className="city-dot" aria-hidden="true" />}
        {t(`stats.state.${now.state}`)}
      </span>
      {now.at && <span className="tab">{t(now.state === 'paused' ? 'stats.asOf' : 'stats.at', { time: format.clock(now.at) })}</span>}
      {now.state === 'paused' && (
        <ActionIcon variant="subtle" color="gray" aria-label={t('common.refresh')} title={t('common.refresh')} onClick={now.refresh}><IconRefresh size={15} /></ActionIcon>
      )}
    </span>
  )
}
