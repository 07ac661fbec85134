// What is done about a payment that was taken: it goes to another purpose, to the account it belongs to, or back to who paid it.
import { useState } from 'react'
import { Group, Text } from '@mantine/core'
import { ChoiceField, DialogButton, Figures, FormView, TextField, newKey, useAct, useFinish, useForm, useFormat, type Picked } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { DocumentField } from '../archive/document-field'
import { AccountField } from '../subscribers/account-field'
import { targetOf, useTargets } from './target'

const reallocateMutation = graphql(`
  mutation PaymentReallocate($input: PaymentReallocateInput!) { paymentReallocate(input: $input) { reallocation { moved } errors { code field message } } }
`)
const moveMutation = graphql(`
  mutation PaymentMove($input: PaymentMoveInput!) { paymentMove(input: $input) { transfer { id number } errors { code field message } } }
`)
const refundMutation = graphql(`
  mutation RefundCreate($input: RefundCreateInput!) { refundCreate(input: $input) { refund { id number state } errors { code field message } } }
`)

interface Payment {
  id: string
  amount: string
  paidOn: string
  channel: string
}
interface Props {
  account: string
  payment: Payment
  done: () => void
}
interface FormProps extends Props {
  close: () => void
}

export function PaymentActs(props: Props) {
  const t = useT()
  return (
    <Group gap={6}>
      <DialogButton label={t('payments.reallocate')} buttonSize="compact-xs">{(close) => <ReallocateForm {...props} close={close} />}</DialogButton>
      <DialogButton label={t('payments.move')} buttonSize="compact-xs">{(close) => <MoveForm {...props} close={close} />}</DialogButton>
      <DialogButton label={t('payments.refund')} buttonSize="compact-xs">{(close) => <RefundForm {...props} close={close} />}</DialogButton>
    </Group>
  )
}

function Of({ payment }: { payment: Payment }) {
  const format = useFormat()
  const codes = useCodes()
  return <Figures rows={[{ label: codes.channel(payment.channel), value: format.money(payment.amount), note: format.date(payment.paidOn) }]} />
}

function ReallocateForm({ account, payment, close, done }: FormProps) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, done)
  const { choices } = useTargets(account)
  const form = useForm({
    act: useAct(reallocateMutation),
    start: { target: '', reason: '', document: null as Picked | null },
    input: (read, values) => ({ id: payment.id, target: targetOf(values.target), documentId: read.picked('document'), reason: read.text('reason') }),
    done: (payload) => finish(t('payments.reallocated', { sum: format.money(payload.reallocation?.moved ?? '0.00') })),
  })
  return (
    <FormView form={form} submit={t('payments.reallocate')} cancel={close}>
      <Of payment={payment} />
      <Text size="sm" c="dimmed">{t('payments.reallocateText')}</Text>
      <ChoiceField name="target" label={t('recon.target')} choices={choices} />
      <TextField name="reason" label={t('corrections.reason')} required />
      <DocumentField name="document" required />
    </FormView>
  )
}

function MoveForm({ payment, close, done }: FormProps) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(moveMutation),
    start: { to: null as Picked | null, reason: '', document: null as Picked | null },
    input: (read) => ({ id: payment.id, toId: read.picked('to'), documentId: read.picked('document'), reason: read.text('reason') }),
    done: (payload) => finish(t('payments.moveProposed', { number: payload.transfer?.number ?? '' })),
  })
  return (
    <FormView
      form={form} submit={t('payments.move')} cancel={close}
      check={() => t('payments.moveCheck', { sum: format.money(payment.amount), account: form.values.to?.label ?? '' })}
    >
      <Of payment={payment} />
      <Text size="sm" c="dimmed">{t('payments.moveText')}</Text>
      <AccountField name="to" label={t('payments.moveTo')} required />
      <TextField name="reason" label={t('corrections.reason')} required />
      <DocumentField name="document" required />
    </FormView>
  )
}

function RefundForm({ account, payment, close, done }: FormProps) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, done)
  // One key for one intention: pressing twice, or again after a lost answer, gives money back once.
  const [key] = useState(newKey)
  const { advance } = useTargets(account)
  const form = useForm({
    act: useAct(refundMutation),
    start: { amount: '', requisites: '', reason: '', document: null as Picked | null },
    input: (read) => ({
      paymentId: payment.id, amount: read.decimal('amount', 2), requisites: read.optional('requisites'), documentId: read.picked('document'),
      reason: read.text('reason'), idempotencyKey: key,
    }),
    done: (payload) => finish(t(payload.refund?.state === 'WAITING' ? 'payments.refundWaits' : 'payments.refundMade', { number: payload.refund?.number ?? '' })),
  })
  return (
    <FormView form={form} submit={t('payments.refund')} cancel={close} danger check={() => t('payments.refundCheck', { sum: form.values.amount })}>
      <Of payment={payment} />
      <Text size="sm" c="dimmed">{t('payments.refundText')}</Text>
      <TextField name="amount" label={t('payments.amount')} hint={advance && t('payments.unapplied', { sum: format.money(advance) })} mode="decimal" unit="₸" required first />
      <TextField name="requisites" label={t('payments.requisites')} hint={t('payments.requisitesHint')} />
      <TextField name="reason" label={t('corrections.reason')} required />
      <DocumentField name="document" required />
    </FormView>
  )
}
