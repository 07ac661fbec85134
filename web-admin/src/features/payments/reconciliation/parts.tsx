// What the screens of reconciliation share: the way between them, the colour of a state, a decision about rows.
import { Button, Group } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { ChoiceField, Dialog, FormView, PageHead, TextField, useForm, type Act, type Tone } from '@aiscra/ui'
import type { DayState, LineState, MatchState, RefundState, RegistryState, RowDecision, StatementState, SuspenseState } from '../../../gql'
import { useCan } from '../../../lib/can'
import { useT, type Key } from '../../../lib/i18n'

const screens: { to: '/reconciliation' | '/reconciliation/suspense' | '/reconciliation/statements' | '/reconciliation/refunds' | '/reconciliation/terms'; label: Key }[] = [
  { to: '/reconciliation', label: 'recon.days' },
  { to: '/reconciliation/suspense', label: 'recon.suspense' },
  { to: '/reconciliation/statements', label: 'recon.statements' },
  { to: '/reconciliation/refunds', label: 'recon.refunds' },
  { to: '/reconciliation/terms', label: 'recon.terms' },
]

export function ReconcileHead({ title, lead, children }: { title: string; lead?: React.ReactNode; children?: React.ReactNode }) {
  const t = useT()
  return (
    <>
      <PageHead title={title} lead={lead}>{children}</PageHead>
      <Group component="nav" gap="xs" mb="md" aria-label={t('nav.reconciliation')}>
        {screens.map(({ to, label }) => (
          <Button key={to} component={Link} to={to} size="xs" variant={t(label) === title ? 'filled' : 'default'}>{t(label)}</Button>
        ))}
      </Group>
    </>
  )
}

export const dayTone: Record<DayState, Tone> = { EXPECTED: 'plain', NO_FILE: 'bad', DIFFERS: 'warn', AGREED: 'busy', BANK_DIFFERS: 'bad', SETTLED: 'good' }
export const matchTone: Record<MatchState, Tone> = {
  PENDING: 'busy', MATCHED: 'good', MISSING_OURS: 'bad', MISSING_THEIRS: 'bad', DIFF_SUM: 'bad', DIFF_ACCOUNT: 'bad', DUPLICATE: 'plain', REVERSED: 'warn',
}
export const lineTone: Record<LineState, Tone> = {
  PENDING: 'busy', REMITTANCE: 'good', PAYMENT: 'good', UNKNOWN: 'bad', AMBIGUOUS: 'warn', REFUND: 'good', OUT: 'plain', DUPLICATE: 'plain',
}
export const fileTone: Record<RegistryState | StatementState, Tone> = { MATCHING: 'busy', MATCHED: 'good', SUPERSEDED: 'plain', FAILED: 'bad' }
export const suspenseTone: Record<SuspenseState, Tone> = { OPEN: 'warn', POSTED: 'good', SPLIT: 'plain', RETURNING: 'busy', RETURNED: 'plain' }
export const refundTone: Record<RefundState, Tone> = { WAITING: 'warn', POSTED: 'busy', PAID: 'good', DECLINED: 'plain', RETURNED: 'bad' }

/** A moment on the wall of Almaty, "2026-03-26T10:00", as people write it. */
export const wall = (value: string): string => `${value.slice(8, 10)}.${value.slice(5, 7)} ${value.slice(11, 16)}`

export const AccountLink = ({ number }: { number: string }) => (
  <Link className="row-link tab" to="/accounts/$number" params={{ number }} search={{ tab: 'payments' }}>{number}</Link>
)

/** What becomes of rows of a registry or lines of a statement; what is only looked into says why. */
export function DecideDialog<Payload, Input>({ count, act, input, decisions, opened, close, done }: {
  count: number
  act: Act<Payload, Input>
  input: (decision: RowDecision, note: string | null) => Input
  decisions: readonly RowDecision[]
  opened: boolean
  close: () => void
  done: () => void
}) {
  const t = useT()
  return (
    <Dialog opened={opened} onClose={close} title={t('recon.decideOn', { count })} closeOnClickOutside={false}>
      <DecideForm act={act} input={input} decisions={decisions} close={close} done={done} />
    </Dialog>
  )
}

function DecideForm<Payload, Input>({ act, input, decisions, close, done }: {
  act: Act<Payload, Input>
  input: (decision: RowDecision, note: string | null) => Input
  decisions: readonly RowDecision[]
  close: () => void
  done: () => void
}) {
  const t = useT()
  const form = useForm({
    act,
    start: { decision: decisions[0] as string, note: '' },
    input: (read, values) => {
      const decision = values.decision as RowDecision
      return input(decision, decision === 'EXPLAINED' ? read.text('note') : read.optional('note'))
    },
    done: () => { close(); done() },
  })
  return (
    <FormView form={form} submit={t('recon.decide')} cancel={close}>
      <ChoiceField name="decision" label={t('recon.decision')} hint={t(`recon.hint.${form.values.decision as RowDecision}`)} choices={decisions.map((value) => ({ value, label: t(`enum.RowDecision.${value}`) }))} />
      <TextField name="note" label={t('recon.note')} kind="long" required={form.values.decision === 'EXPLAINED'} />
    </FormView>
  )
}

/** Reconciliation is of the whole city: who sees only a sector or a district is told so by the server. */
export const useReconciles = () => useCan()('RECONCILE_WRITE')
