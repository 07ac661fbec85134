// What the screens of collection share: the way between them, the colour of a state, a button that asks before it acts.
import { useState } from 'react'
import { Button, Group, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useMutation } from 'urql'
import { Confirm, PageHead, Problem, Refusals, useSay, type Act, type Tone } from '@aiscra/ui'
import { graphql, type AccrualState, type CampaignState, type ClaimKind, type ClaimState, type ConsumerGroup, type DisputeState, type NoticeState, type PlanState, type Sector, type WriteOffState } from '../../gql'
import { useCan } from '../../lib/can'
import { useT, type Key } from '../../lib/i18n'

const refreshMutation = graphql(`
  mutation DebtRefresh { debtRefresh { job { id } errors { code field message } } }
`)

export const sectors: Sector[] = ['LEGAL', 'PRIVATE', 'MULTI']
export const groups: ConsumerGroup[] = ['POPULATION', 'OTHER', 'BUDGET']
export const claimKinds: ClaimKind[] = ['COURT', 'NOTARY', 'BANKRUPTCY']

const screens: { to: '/debt' | '/debt/penalty' | '/debt/notices' | '/debt/claims' | '/debt/orders' | '/debt/campaigns'; label: Key }[] = [
  { to: '/debt', label: 'debt.ageing' },
  { to: '/debt/penalty', label: 'debt.penalty' },
  { to: '/debt/notices', label: 'debt.notices' },
  { to: '/debt/claims', label: 'debt.claims' },
  { to: '/debt/orders', label: 'debt.orders' },
  { to: '/debt/campaigns', label: 'debt.campaigns' },
]

/** `look`: reads the screen again once what payments and time brought about was looked at. */
export function DebtHead({ title, lead, look }: { title: string; lead: string; look?: () => void }) {
  const t = useT()
  const can = useCan()
  return (
    <>
      <PageHead title={title} lead={lead}>{look && can('DEBT_WRITE') && <LookAgain done={look} />}</PageHead>
      <Group component="nav" gap="xs" mb="md" aria-label={t('nav.debt')}>
        {screens.map(({ to, label }) => (
          <Button key={to} component={Link} to={to} size="xs" variant={t(label) === title ? 'filled' : 'default'}>{t(label)}</Button>
        ))}
      </Group>
    </>
  )
}

/** Warnings that were paid, plans that were missed, campaigns whose debtors have paid: at once, not at the next hour. */
function LookAgain({ done }: { done: () => void }) {
  const t = useT()
  const say = useSay()
  const [result, run] = useMutation(refreshMutation)
  const errors = result.data?.debtRefresh.errors ?? []
  const look = async () => {
    const answer = await run({})
    if (!answer.data?.debtRefresh.job) return
    say(t('debt.refreshed'))
    // The job takes a second or two.
    setTimeout(done, 2_000)
  }
  return (
    <>
      <Button variant="default" loading={result.fetching} title={t('debt.refreshHint')} onClick={() => void look()}>{t('debt.refresh')}</Button>
      <Refusals errors={errors} />
      {result.error && <Problem error={result.error} />}
    </>
  )
}

type State = AccrualState | CampaignState | ClaimState | DisputeState | NoticeState | PlanState | WriteOffState
const tones: Partial<Record<State, Tone>> = {
  READY: 'warn', PROPOSED: 'warn', OPEN: 'warn', WARNED: 'warn', PREPARED: 'warn', DEMANDED: 'warn', RETURNED: 'warn', IMPOSSIBLE: 'bad', SETTLED: 'bad',
  POSTED: 'good', PAID: 'good', DONE: 'good', FOR: 'good', RECONNECTED: 'good', SATISFIED: 'good',
  RECKONING: 'busy', POSTING: 'busy', REVERSING: 'busy', STARTED: 'busy', ACTIVE: 'busy', PLAN: 'busy', FILED: 'busy', GRANTED: 'busy', ENFORCED: 'busy', ACCEPTED: 'busy', CLAIMED: 'busy',
  BROKEN: 'bad', DISCONNECTED: 'bad', REFUSED: 'bad', ANNULLED: 'bad',
}
export const toneOf = (state: State): Tone => tones[state] ?? 'plain'

/** How much of a sum is paid, in percent. */
export const share = (paid: string, amount: string): number => Math.min(100, (100 * Number(paid)) / Math.max(0.01, Number(amount)))

/** Whose debt: the person, the number, the place. */
export function AccountCell({ account }: { account: { number: string; address?: string; holder?: { name: string } | null } }) {
  return (
    <div>
      {account.holder && <div>{account.holder.name}</div>}
      <Link className="row-link tab" to="/accounts/$number" params={{ number: account.number }} search={{ tab: 'debt' }}>{account.number}</Link>
      {account.address && <Text size="xs" c="dimmed">{account.address}</Text>}
    </div>
  )
}

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
