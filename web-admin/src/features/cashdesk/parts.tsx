// Small pieces that the screens of the desk share.
import type { ReactNode } from 'react'
import { Table } from '@mantine/core'
import { Chip, useLanguage, type Tone } from '@aiscra/ui'
import type { CashDesksQuery, CashShiftQuery, FiscalState } from '../../gql'
import { useT } from '../../lib/i18n'

export type Desk = CashDesksQuery['cashDesks']['nodes'][number]
export type Shift = NonNullable<CashShiftQuery['cashShift']>
export type Operation = Shift['operations']['nodes'][number]

/** A name in the reader's language. */
export function useName(): (name: { kk: string; ru: string; en: string }) => string {
  const { language } = useLanguage()
  return (name) => name[language]
}

const tones: Record<FiscalState, Tone> = { WAITING: 'warn', ASKING: 'warn', DONE: 'good', OFFLINE: 'busy', REFUSED: 'bad', CANCELLED: 'plain' }

export function FiscalChip({ state }: { state: FiscalState }) {
  const t = useT()
  return <Chip tone={tones[state]}>{t(`enum.FiscalState.${state}`)}</Chip>
}

/** How the cash register of a desk stands; nothing at a desk without one. */
export function RegisterChips({ desk }: { desk: Desk }) {
  const t = useT()
  const register = desk.register
  if (!register) return null
  return (
    <>
      {register.wantsZ && <Chip tone="bad">{t('cash.wantsZ')}</Chip>}
      {register.refused > 0 && <Chip tone="bad">{t('cash.refused', { count: register.refused })}</Chip>}
      {register.waiting > 0 && <Chip tone="warn">{t('cash.waiting', { count: register.waiting })}</Chip>}
      {register.autonomous && <Chip tone="busy">{t('cash.autonomous')}</Chip>}
      {!register.wantsZ && register.refused === 0 && register.waiting === 0 && !register.autonomous && <Chip tone="good">{t('cash.registerReady')}</Chip>}
    </>
  )
}

/** A key as it stands on the keyboard, beside what it does. */
export const Key = ({ name }: { name: string }) => <kbd className="cash-key" aria-hidden="true">{name}</kbd>

/** Hours and minutes since a moment. */
export function since(at: string, now: number): { hours: number; minutes: number } {
  const minutes = Math.max(0, Math.floor((now - Date.parse(at)) / 60_000))
  return { hours: Math.floor(minutes / 60), minutes: minutes % 60 }
}

/** A small table that is wider than a phone scrolls by itself. */
export function Wide({ label, children }: { label: string; children: ReactNode }) {
  return <Table.ScrollContainer className="scroller" minWidth={460} type="native" tabIndex={0} role="region" aria-label={label}>{children}</Table.ScrollContainer>
}
