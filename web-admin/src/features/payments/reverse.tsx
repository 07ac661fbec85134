// Taking a payment back: what would be owed again is seen first, by the act that would do it.
import { useState } from 'react'
import { Stack, Text } from '@mantine/core'
import { useQuery } from 'urql'
import { Figures, FormView, Problem, Refusals, TextField, Waiting, newKey, useAct, useFinish, useForm, useFormat, type Picked } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useT } from '../../lib/i18n'
import { DocumentField } from '../archive/document-field'
import { Balance } from '../subscribers/balance'
import { Allocations } from './allocations'

const seenQuery = graphql(`
  query PaymentReverseSeen($id: ID!) {
    paymentReversePreview(id: $id) {
      period advance balance
      owedAgain { amount openItem { id service component origin } }
      errors { code field message }
    }
  }
`)
const reverse = graphql(`
  mutation PaymentReverse($input: PaymentReverseInput!) {
    paymentReverse(input: $input) { payment { id reversed account { id balance owed advance dueOn } } errors { code field message } }
  }
`)

export function ReverseForm({ payment, close, done }: { payment: { id: string; amount: string; paidOn: string }; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, done)
  // One key for one intention: after a lost answer the same payment is not taken back twice.
  const [key] = useState(newKey)
  const form = useForm({
    act: useAct(reverse),
    start: { reason: '', document: null as Picked | null },
    input: (read) => {
      const reason = read.text('reason')
      if (reason && reason.length < 3) read.refuse('reason', t('payments.reasonShort'))
      return { id: payment.id, reason, documentId: read.picked('document'), idempotencyKey: key }
    },
    done: () => finish(t('payments.wasReversed', { sum: format.money(payment.amount) })),
  })
  return (
    <FormView form={form} submit={t('payments.reverse')} cancel={close} danger check={() => <Seen payment={payment} />}>
      <Text size="sm" c="dimmed">{t('payments.reverseText', { sum: format.money(payment.amount), date: format.date(payment.paidOn) })}</Text>
      <TextField name="reason" label={t('corrections.reason')} kind="long" required first />
      <DocumentField name="document" required />
    </FormView>
  )
}

function Seen({ payment }: { payment: { id: string; amount: string } }) {
  const t = useT()
  const format = useFormat()
  const [result, again] = useQuery({ query: seenQuery, variables: { id: payment.id }, requestPolicy: 'network-only' })
  if (result.error) return <Problem error={result.error} retry={again} />
  if (!result.data || result.fetching) return <Waiting lines={4} />
  const { errors, owedAgain, advance, balance, period } = result.data.paymentReversePreview
  if (errors.length > 0) return <Refusals errors={errors} />
  return (
    <Stack gap="sm">
      <Text size="sm" fw={600}>{t('payments.reverseCheck', { sum: format.money(payment.amount) })}</Text>
      {owedAgain.length > 0 && <Allocations rows={owedAgain} label={t('payments.owedAgain')} shown />}
      <Figures
        rows={[
          { label: t('payments.advanceGone'), value: format.money(advance ?? '0.00') },
          { label: t('payments.balanceThen'), value: <Balance value={balance ?? '0.00'} /> },
          { label: t('payments.postedIn'), value: period ? format.period(period) : '' },
        ]}
      />
    </Stack>
  )
}
