// What the screens of collection share: the way between them, the colour of a state, a button that asks before it acts.
import { useState } from 'react'
import { Button, Group } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Confirm, PageHead, Problem, Refusals, useSay, type Act, type Tone } from '@aiscra/ui'
import type { AccrualState, CampaignState, DisputeState, NoticeState, PlanState, Sector, WriteOffState } from '../../gql'
import { useT, type Key } from '../../lib/i18n'

export const sectors: Sector[] = ['LEGAL', 'PRIVATE', 'MULTI']

const screens: { to: '/debt' | '/debt/penalty' | '/debt/notices' | '/debt/orders' | '/debt/campaigns'; label: Key }[] = [
  { to: '/debt', label: 'debt.ageing' },
  { to: '/debt/penalty', label: 'debt.penalty' },
  { to: '/debt/notices', label: 'debt.notices' },
  { to: '/debt/orders', label: 'debt.orders' },
  { to: '/debt/campaigns', label: 'debt.campaigns' },
]

export function DebtHead({ title, lead }: { title: string; lead: string }) {
  const t = useT()
  return (
    <>
      <PageHead title={title} lead={lead} />
      <Group component="nav" gap="xs" mb="md" aria-label={t('nav.debt')}>
        {screens.map(({ to, label }) => (
          <Button key={to} component={Link} to={to} size="xs" variant={t(label) === title ? 'filled' : 'default'}>{t(label)}</Button>
        ))}
      </Group>
    </>
  )
}

type State = AccrualState | CampaignState | DisputeState | NoticeState | PlanState | WriteOffState
const tones: Partial<Record<State, Tone>> = {
  READY: 'warn', PROPOSED: 'warn', OPEN: 'warn', WARNED: 'warn',
  POSTED: 'good', PAID: 'good', DONE: 'good', FOR: 'good', RECONNECTED: 'good',
  RECKONING: 'busy', POSTING: 'busy', REVERSING: 'busy', STARTED: 'busy', ACTIVE: 'busy', PLAN: 'busy',
  BROKEN: 'bad', DISCONNECTED: 'bad',
}
export const toneOf = (state: State): Tone => tones[state] ?? 'plain'

/** A button, what it will do, and what the server says to it. */
export function AskButton<Payload, Input>({ act, input, label, text, said, danger, done }: {
  act: Act<Payload, Input>
  input: Input
  label: string
  text: string
  said: string
  danger?: boolean
  done: () => void
}) {
  const say = useSay()
  const [open, setOpen] = useState(false)
  const run = async () => {
    if (await act.run(input)) {
      say(said)
      done()
    }
  }
  return (
    <>
      <Button size="compact-sm" variant={danger ? 'default' : 'light'} loading={act.busy} onClick={() => setOpen(true)}>{label}</Button>
      <Confirm opened={open} title={label} yes={label} danger={danger ?? false} onClose={() => setOpen(false)} onYes={() => void run()}>{text}</Confirm>
      <Refusals errors={act.errors} />
      {act.broken && <Problem error={act.broken} />}
    </>
  )
}
